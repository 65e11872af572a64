import { root } from "./process.mjs";

/** What of the checkout's path keeps the tests from it, with what to do; undefined for nothing. */
export function checkoutFault(folder = root) {
  const [letter] = /[#?]/.exec(folder) ?? [];
  // The test runner has its files by address.
  return letter && `The tests cannot run in ${folder}: it holds "${letter}"; move it to a folder without`;
}
