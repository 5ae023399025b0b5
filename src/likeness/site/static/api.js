/** The Slack door, the only way to change anything. */

/** The server said no: Slack's `code`, a `sentence` for people, and seconds to `wait`. */
export class Refused extends Error {
  constructor(code, sentence = "", wait = 0) {
    super(code);
    Object.assign(this, { code, sentence, wait });
  }
}

/** No answer came, so nobody knows what was done. */
export class Lost extends Error {
  code = "lost_call";
}

/** The person changed their mind. */
export class Stopped extends Error {}

/**
 * Call a method. By XMLHttpRequest, since fetch does not tell how much of an upload has gone.
 *
 * @param {Record<string, string|number|File>} fields
 * @param {{signal?: AbortSignal, progress?: (sent: number, all: number) => void}} [options]
 * @returns {Promise<any>} the answer; throws Refused, Lost or Stopped
 */
export function call(token, method, fields, { signal, progress } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new Stopped());
    const request = new XMLHttpRequest();
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.upload.onprogress = ({ loaded, total }) => progress?.(loaded, total);
    request.onabort = () => reject(new Stopped());
    request.onerror = () => reject(new Lost());
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (answer?.ok) resolve(answer);
      else reject(refusal(answer, request));
    };
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    request.open("POST", `/api/${method}`);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.send(form);
  });
}

/** What is wrong with an answer. A proxy's page in place of JSON counts as none. */
function refusal(answer, request) {
  if (!answer) return request.status === 413 ? new Refused("too_large") : new Lost();
  const [plain] = said(answer, "ERROR");
  const wait = request.status === 429 && (Number(request.getResponseHeader("Retry-After")) || 1);
  return new Refused(answer.error, plain, wait || 0);
}

/** The sentences for people in an answer. @param {"ERROR"|"WARN"} level */
export const said = (answer, level) =>
  (answer.response_metadata?.messages ?? [])
    .filter((text) => text.startsWith(`[${level}]`))
    .map((text) => text.replace(/^\[\w+\] *| *\[json-pointer:[^\]]*\]$/g, ""));

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
