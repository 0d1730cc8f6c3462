// Relative times go on counting, as in Discord. The page renders each once, when its message changes.
const UNITS = [["second", 60], ["minute", 3600], ["hour", 86400], ["day", 604800], ["week", Infinity]];
const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86400, week: 604800 };
const RELATIVE = /^(in |now$|this |next |last |tomorrow$|yesterday$)| ago$/;
const words = new Intl.RelativeTimeFormat("en-US", { numeric: "auto" });

function relative(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const [unit] = UNITS.find(([, below]) => Math.abs(seconds) < below);
  return words.format(Math.round(seconds / SECONDS[unit]), unit);
}

setInterval(() => {
  for (const time of document.querySelectorAll("time.discord-timestamp[datetime]")) {
    if (RELATIVE.test(time.textContent)) time.textContent = relative(Date.parse(time.dateTime));
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
