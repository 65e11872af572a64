import { broken, type Check, ok, warning } from "./check.ts";
import { findProgram } from "./findProgram.ts";

export const browser: Check = {
  name: "Browser",
  run({ config, env }) {
    const configured = config.browser.executablePath;
    const found = findProgram(configured ? [configured] : CANDIDATES, env);
    if (found) return [ok(found)];
    if (configured) return [broken(`${configured} cannot be run`, "Correct browser.executablePath, or remove it")];
    return [
      warning(
        "neither Chrome, Chromium nor Edge was found; the browser tool is not there",
        "Install one, or set browser.executablePath",
      ),
    ];
  },
};

const CANDIDATES = [
  "google-chrome",
  "google-chrome-stable",
  "chromium",
  "chromium-browser",
  "microsoft-edge",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];
