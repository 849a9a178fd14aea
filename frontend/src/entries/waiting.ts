// Pages on which something is being worked out look again by themselves, unless a form is open on them.
const PAUSE = 2000;

function lookAgain(): void {
  if (document.querySelector("details[open]") || document.hidden) {
    window.setTimeout(lookAgain, PAUSE);
  } else {
    window.location.reload();
  }
}

if (document.querySelector("[data-waiting]")) {
  window.setTimeout(lookAgain, PAUSE);
}
