/** As a thumb that was on its way: the button is pressed in the moment in which it is there, and what it said of itself is kept. */
export const pressAtOnce = `new MutationObserver((_, observer) => {
  const button = [...document.querySelectorAll("article .button")].find(({ textContent }) => textContent === "Allow once");
  if (!button) return;
  observer.disconnect();
  globalThis.pressed = button.ariaDisabled;
  button.click();
}).observe(document, { childList: true, subtree: true })`;
