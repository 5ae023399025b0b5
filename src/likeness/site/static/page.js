/** The page: from a picture that somebody hands over to a photo that everybody sees, and back. */

import { Album, copyFrom } from "./album.js";
import { Lost, Refused, Stopped, call, said } from "./api.js";
import { Desk } from "./desk.js";
import { numbers } from "./frame.js";
import { listen as listenToPicks } from "./pick.js";
import { find, megabytes, punctuated, sentence, speak, word } from "./say.js";

const SECOND_MS = 1000;
const facts = find("page").dataset;
const token = find("photo").elements.token.value;
const whose = facts.user ? { user: facts.user } : {};
const desk = new Desk(facts.letterbox);
const album = new Album();

/** What is under way; null while nothing is being framed. */
let job = null;
/** How to undo the last change; null when that cannot be. */
let takeBack = null;

const api = (method, fields = whose, options = {}) => call(token, method, fields, options);
const ignore = () => {};

function take(file) {
  leave();
  find("notice").hidden = true;
  if (file.size > Number(facts.lengthMax)) {
    const found = { found: megabytes(file.size), most: megabytes(facts.lengthMax) };
    return refuse(new Refused("too_large", word("too_heavy", found)));
  }
  const mine = (job = { file, stop: new AbortController(), isSending: false });
  find("source").textContent = word("source", { name: file.name, size: megabytes(file.size) });
  show("framing");
  stage();
  desk.open(file).then(() => mine === job && find("stage").focus({ preventScroll: true }), ignore);
  refresh().catch(ignore); // Only to know what an undo has to bring back.
}

/** Begin the upload, while the picture is being framed. */
function stage() {
  const mine = job;
  mine.staged = persist("users.preparePhoto", { image: mine.file }, mine).then(async (answer) => {
    // Only then are the numbers those of the server's copy.
    if (mine === job) await desk.agree(answer);
    return answer;
  });
  mine.staged.then(
    () => mine === job && !mine.isSending && tell("ready"),
    (error) => mine === job && refuse(error),
  );
}

async function send() {
  const mine = job;
  if (!mine || mine.isSending) return;
  mine.isSending = find("set").disabled = true;
  try {
    const before = album.current;
    album.showCurrent((await set(mine)).profile);
    const changes = said(await mine.staged, "WARN").map(punctuated);
    leave();
    show("home");
    const isSame = before === album.current;
    succeed(isSame ? "same" : "set", isSame ? null : before, changes);
    refresh().catch(ignore); // It is set; the strip of earlier photos can wait.
  } catch (error) {
    if (mine === job) refuse(error);
  }
}

/** One small call; a picture that was left lying for too long is brought again. */
async function set(mine, isSecond = false) {
  const { id } = await mine.staged;
  tell("setting");
  try {
    return await persist("users.setPhoto", { id, ...numbers(desk.frame), ...whose }, mine);
  } catch (error) {
    if (error.code !== "not_found" || isSecond) throw error;
    stage();
    return set(mine, true);
  }
}

/** Have a call answered, whatever the network and the limits say. */
async function persist(method, fields, { stop: { signal } }) {
  for (;;) {
    try {
      return await api(method, fields, { signal, progress: fields.image && progress });
    } catch (error) {
      if (error instanceof Lost) await untilAgain(signal);
      else if (!error.wait) throw error;
      for (let seconds = error.wait; seconds > 0 && !signal.aborted; seconds -= 1) {
        tell("limited", { seconds });
        await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
      }
    }
  }
}

/** Until somebody asks for another try, or the network is back. */
function untilAgain(signal) {
  tell("lost");
  speak(word("lost"));
  find("again").hidden = false;
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const on = (target, name, settle) =>
      target.addEventListener(name, () => {
        over.abort();
        find("again").hidden = true;
        settle(new Stopped());
      }, { signal: over.signal });
    on(find("again"), "click", resolve);
    on(window, "online", resolve);
    on(signal, "abort", reject);
  });
}

function progress(sent, all) {
  if (sent === all) return tell("reading");
  find("bar").value = (100 * sent) / all;
  tell("uploading", { sent: megabytes(sent), all: megabytes(all) }, true);
}

/** A line about what goes on, and a bar for it. */
function tell(name, values = {}, isMeasured = false) {
  if (!isMeasured) find("bar").removeAttribute("value");
  find("framing").dataset.step = name;
  find("status").textContent = word(name, values);
}

/** Put the picture away: the upload ends, and nothing is changed. */
function leave() {
  job?.stop.abort();
  job = null;
  find("set").disabled = false;
  find("again").hidden = true;
  desk.close();
  tell("starting");
}

function cancel() {
  leave();
  show("home");
  find("file").focus();
}

function show(name) {
  for (const part of ["home", "framing"]) find(part).hidden = part !== name;
  scrollTo(0, 0);
}

/** Say what was done, and `more`. An undo brings `before` back: "" for none, null for no undo. */
function succeed(name, before = null, more = []) {
  const now = album.current;
  takeBack = before === null ? null : () => undo(before, now);
  notify("ok", [word(name), ...more].join(" "));
}

/** Say that something failed. Another picture can be chosen at once. */
function refuse(error) {
  if (error instanceof Stopped) return;
  leave();
  show("home");
  takeBack = null;
  notify("error", sentence(error), error instanceof Lost ? "" : error.code);
}

function notify(kind, text, code = "") {
  const notice = find("notice");
  notice.className = `notice ${kind}`;
  notice.setAttribute("role", kind === "ok" ? "status" : "alert");
  find("notice-text").textContent = text;
  find("notice-code").textContent = code;
  find("undo").hidden = !takeBack;
  notice.hidden = false;
  notice.focus();
}

async function refresh() {
  album.show((await api("users.listPhotos")).photos);
}

/** Bring `before` back; where there was no photo, take only `now` away, whatever came since. */
async function undo(before, now) {
  if (before) await api("users.restorePhoto", { photo: before, ...whose });
  else await api("users.deletePhoto", { photo: now, ...whose });
  await refresh();
  succeed("undone");
}

async function restore({ photo }) {
  const before = album.current;
  await api("users.restorePhoto", { photo: photo.value, ...whose });
  await refresh();
  succeed("set", before || null);
}

async function remove() {
  await api("users.deletePhoto");
  await refresh();
  find("remove").open = false;
  succeed("removed");
}

function keys(event) {
  const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey);
  if (event.key === "Escape" && job) cancel();
  else if (isUndo && job) desk.back();
  else if (isUndo && takeBack) takeBack().catch(refuse);
  else return;
  event.preventDefault();
}

async function copy(button) {
  await copyFrom(find(button.dataset.copies));
  speak(word("copied"));
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), SECOND_MS);
}

listenToPicks(take, () => refuse(new Refused("no_file")));
document.addEventListener("keydown", keys);
document.addEventListener("submit", (event) => {
  const work = { restore, remove }[event.target.dataset.does];
  if (!work) return;
  event.preventDefault();
  work(event.target.elements).catch(refuse);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copies]");
  if (button) copy(button);
});
const on = {
  set: send,
  cancel,
  undo: () => takeBack?.().catch(refuse),
  hush: () => (find("notice").hidden = true),
};
for (const [id, act] of Object.entries(on)) find(id).addEventListener("click", act);
