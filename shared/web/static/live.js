// Small extras. Every page works without them.
"use strict";

// Clocks: how many minutes are left, kept true while the page is open.
function say(rest) {
  const late = rest < 0, minutes = Math.floor(Math.abs(rest) / 60000);
  let length;
  if (minutes < 60) length = minutes === 1 ? "1 minuut" : `${minutes} minuten`;
  else if (minutes < 2880) length = `${Math.floor(minutes / 60)} uur`;
  else length = `${Math.floor(minutes / 1440)} dagen`;
  return late ? `(${length} te laat)` : `(nog ${length})`;
}

// The time that rules go by may be ahead of this computer's: the page says what it was when it was drawn.
const drawn = document.querySelector("[data-now]");
const ahead = drawn ? Date.parse(drawn.dataset.now) - Date.now() : 0;

function tick() {
  for (const time of document.querySelectorAll("time[data-due]")) {
    const left = time.parentElement.querySelector("[data-left]");
    const rest = Date.parse(time.dateTime) - Date.now() - ahead;
    if (left) left.textContent = say(rest);
    time.parentElement.classList.toggle("late", rest < 0);
  }
}

// Lists: fetched again now and then; only what changed is put in place.
async function refresh(region) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(region.id);
    hear(page);
    if (fresh && fresh.innerHTML !== region.innerHTML && !region.contains(document.activeElement)) {
      region.replaceChildren(...fresh.childNodes);
    }
  } catch {
    // No connection: the list stays as it was, and the next try is on its way.
  }
}

// A call back that is almost too late, or is too late, rings; also while somebody types in the list, which then stays.
const bell = document.querySelector("[data-bell]");
let sound = null, heard = alarms(document);

function alarms(page) {
  const cards = [...page.querySelectorAll("[data-alarm]")];
  return new Map(cards.map((card) => [card.dataset.of, Number(card.dataset.alarm)]));
}

function hear(page) {
  const now = alarms(page), before = heard;
  heard = now;
  const worse = [...now].filter(([of, level]) => level > (before.get(of) ?? 0)).length;
  if (!bell || !worse) return;
  const told = document.getElementById("bel");
  told.hidden = false;
  told.textContent = worse === 1 ? "Bel nu: er is een gesprek bijna of al te laat." : `Bel nu: er zijn ${worse} gesprekken bijna of al te laat.`;
  if (sound) for (const after of [0, 0.4]) beep(after);
}

function beep(after) {
  const tone = sound.createOscillator(), start = sound.currentTime + after;
  tone.frequency.value = 880;
  tone.connect(sound.destination);
  tone.start(start);
  tone.stop(start + 0.25);
}

// Browsers allow no sound before somebody asked for it.
if (bell && window.AudioContext) {
  bell.hidden = false;
  const button = bell.querySelector("button");
  button.addEventListener("click", () => {
    if (sound) sound.close();
    sound = sound ? null : new AudioContext();
    button.setAttribute("aria-pressed", String(Boolean(sound)));
    if (sound) beep(0);
  });
}

if (document.querySelector("[data-due]")) setInterval(tick, 15000);
for (const region of document.querySelectorAll("[data-live]")) setInterval(() => refresh(region), 20000);
const focused = document.querySelector("[data-focus]");
if (focused) focused.focus();

// Leaving quickly also replaces this page in the history of the browser.
for (const leave of document.querySelectorAll("[data-leave]")) {
  leave.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(leave.href);
  });
}
