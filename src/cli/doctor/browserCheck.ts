import { findBrowser } from "../../app/findBrowser.ts";
import { broken, type Check, ok, warning } from "./check.ts";

export const browser: Check = {
  name: "Browser",
  run({ config, env }) {
    const { executablePath, cdpUrl } = config.browser;
    if (cdpUrl !== undefined) return [ok(`The one that listens at ${cdpUrl} is used`)];
    const browser = findBrowser(executablePath, env);
    if (browser.found !== undefined) return [ok(browser.found)];
    return executablePath === undefined
      ? [
          warning(
            `${browser.reason}; until then the browser tool is not there`,
            "Install one, or set browser.executablePath",
          ),
        ]
      : [broken(browser.reason, "Correct browser.executablePath, or remove it")];
  },
};
