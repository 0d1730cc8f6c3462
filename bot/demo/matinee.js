// Relative times go on counting, as in Discord. The page renders each once, when its message changes.
const UNITS = [["second", 60], ["minute", 3600], ["hour", 86400], ["day", 604800], ["week", Infinity]];
const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86400, week: 604800 };
const LATE = 15;
let words = new Intl.RelativeTimeFormat("en-US", { numeric: "auto" });

function relative(moment, ago = 0) {
  const seconds = (moment - Date.now()) / 1000 + ago;
  const [unit] = UNITS.find(([, below]) => Math.abs(seconds) < below);
  return words.format(Math.round(seconds / SECONDS[unit]), unit);
}

// The page doesn't say which times are relative: those that read as one, as of the last few seconds.
function isRelative(time) {
  const moment = Date.parse(time.dateTime);
  time.dataset.relative ??= [...Array(LATE).keys()].some((ago) => relative(moment, ago) === time.textContent);
  return time.dataset.relative === "true";
}

setInterval(() => {
  for (const time of document.querySelectorAll("time.discord-timestamp[datetime]")) {
    if (isRelative(time)) time.textContent = relative(Date.parse(time.dateTime));
  }
}, 1000);

// Whoever reads the end of the channel goes on reading it, until they scroll away themselves.
const timeline = document.getElementById("channel-timeline");
const NEAR = 160;
const MOMENT = 1000;
let following = true;
let touched = -MOMENT;

function toTheEnd() {
  if (following) timeline.scrollTop = timeline.scrollHeight;
}

for (const event of ["wheel", "touchmove", "pointerdown", "keydown"]) {
  timeline.addEventListener(event, () => { touched = performance.now(); }, { passive: true });
}
timeline.addEventListener("scroll", () => {
  const near = timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < NEAR;
  if (near || performance.now() - touched < MOMENT) following = near;
}, { passive: true });
document.getElementById("channel-composer").addEventListener("submit", () => { following = true; toTheEnd(); }, true);
const observer = new ResizeObserver(toTheEnd);
observer.observe(timeline);
observer.observe(document.getElementById("channel-message-list"));

// A command is read as one, where the page shows what was sent: </video:42>.
const COMMAND = /<\/([^:<>]+):\d+>/g;
const list = document.getElementById("channel-message-list");

// Nor does it name people in embeds: <@42>. Those who can look at the page are known.
const PERSON = /<@!?(\d+)>/g;
const viewers = document.getElementById("viewer-picker");

function nameOf(id) {
  const viewer = [...viewers.options].find(({ value }) => value === id);
  return viewer && `@${viewer.textContent.trim()}`;
}

function nameCommands() {
  const texts = document.createTreeWalker(list, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data } = texts.currentNode;
    const named = data.replace(COMMAND, "/$1").replace(PERSON, (plain, id) => nameOf(id) ?? plain);
    if (named !== data) texts.currentNode.data = named;
  }
}

new MutationObserver(nameCommands).observe(list, { childList: true, subtree: true, characterData: true });

// What Discord has and SimCord's page lacks. How to ask is learnt from the page's own requests.
const LOOK = 1000;
const pageFetch = window.fetch;
let identity = null;
let apps = {};

window.fetch = (path, options = {}) => {
  if (options.headers?.["X-Simcord-Context"]) identity = options.headers;
  return pageFetch(path, options);
};

async function ask(wish, body) {
  if (!identity) return;
  const { "X-Simcord-Capability": capability, "X-Simcord-Context": context } = identity;
  const answer = await pageFetch("/api/action", {
    method: "POST", body,
    headers: {
      "X-Simcord-Capability": capability, "X-Simcord-Context": context,
      "X-Matinee": encodeURIComponent(JSON.stringify(wish)), "Content-Type": "application/octet-stream",
    },
  });
  if (answer.ok) show(await answer.json());
}

function picker(id, title) {
  const label = document.createElement("label");
  label.className = "viewer-control";
  label.textContent = title;
  const select = document.createElement("select");
  select.id = `matinee-${id}`;
  select.addEventListener("change", () => ask({ do: id, [id]: select.value }));
  label.append(select);
  document.querySelector(".viewer-control").parentElement.insertBefore(label, document.getElementById("refresh"));
  return select;
}

const channels = picker("channel", "Channel");
const languages = picker("language", "Language");

function offer(select, titles, chosen) {
  const wanted = JSON.stringify(titles);
  if (select.dataset.titles !== wanted) {
    select.dataset.titles = wanted;
    select.replaceChildren(...Object.entries(titles).map(([value, title]) => new Option(title, value)));
  }
  if (document.activeElement !== select || select.value === "") select.value = chosen;
}

function show(choice) {
  apps = choice.apps;
  words = new Intl.RelativeTimeFormat(choice.language, { numeric: "auto" });
  offer(channels, choice.channels, choice.channel);
  offer(languages, choice.languages, choice.language);
}

setInterval(() => ask({ do: "look" }), LOOK);

// Right-click → Apps.
const menu = document.createElement("div");
menu.id = "matinee-apps";
menu.role = "menu";
menu.hidden = true;
document.body.append(menu);

timeline.addEventListener("contextmenu", (event) => {
  const message = event.target.closest("[data-message-id]");
  if (!message || !Object.keys(apps).length) return;
  event.preventDefault();
  const title = document.createElement("strong");
  title.textContent = "Apps";
  menu.replaceChildren(title, ...Object.entries(apps).map(([name, called]) => {
    const entry = document.createElement("button");
    entry.role = "menuitem";
    entry.textContent = called;
    entry.addEventListener("click", () => ask({ do: "app", message: message.dataset.messageId, name }));
    return entry;
  }));
  menu.hidden = false;
  menu.style.left = `${Math.min(event.clientX, innerWidth - menu.offsetWidth - 8)}px`;
  menu.style.top = `${Math.min(event.clientY, innerHeight - menu.offsetHeight - 8)}px`;
  menu.querySelector("button").focus();
});
document.addEventListener("click", () => { menu.hidden = true; });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") menu.hidden = true; });

// Files beside the message box: what is chosen is posted.
const files = document.createElement("input");
files.type = "file";
files.id = "matinee-files";
files.multiple = true;
const plus = document.createElement("button");
plus.id = "matinee-plus";
plus.type = "button";
plus.textContent = "+";
plus.title = "Post files";
plus.addEventListener("click", () => files.click());
files.addEventListener("change", () => {
  const chosen = [...files.files];
  if (chosen.length) ask({ do: "post", names: chosen.map(({ name, size }) => [name, size]) }, new Blob(chosen));
  files.value = "";
});
document.querySelector(".composer-row").prepend(plus, files);
