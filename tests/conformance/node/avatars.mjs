// Builds the URLs of avatars that it reads from stdin, each with the package that it names, and
// prints them. What must be found there is not decided here, but in test_gravatar_node.py.

import { text } from "node:stream/consumers";

import gravatar from "gravatar";
import { image } from "gravatar-gen";
import gravatarUrl from "gravatar-url";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import ReactGravatar from "react-gravatar";

const packages = {
  gravatar: (email, options) => gravatar.url(email, options),
  "gravatar-gen": (email, options) => image(email, options),
  "gravatar-url": (email, options) => gravatarUrl(email, options),
  "react-gravatar": (email, options) =>
    renderToStaticMarkup(createElement(ReactGravatar, { email, ...options })),
};

const built = [];
for (const { name, email, options } of JSON.parse(await text(process.stdin))) {
  built.push(await packages[name](email, options));
}
console.log(JSON.stringify(built));
