import { trySearch, webSearch } from "../../app/webSearch.ts";
import { isAppError } from "../../base/appError.ts";
import { openSecrets } from "../../config/secrets.ts";
import { broken, type Check, ok, warning } from "./check.ts";

export const webSearchEngine: Check = {
  name: "Web search",
  async run({ config, env, stateDir }) {
    const secrets = openSecrets(stateDir);
    const access = webSearch({ config: () => config, secret: async (name) => secrets.get(name), env });
    const setup = access.setup();
    if (!setup) return [ok("none is set up (search: in openclaw.yml)")];
    const { backend, base } = setup;
    if (backend.keyName !== undefined) {
      const key = await access.found();
      if (!key)
        return [broken(`${backend.title} has no key`, `Set search.apiKey in openclaw.yml, or ${backend.keyName}`)];
      // A question would be paid for.
      return [ok(`${backend.title} (key: ${key.source.from === "environment" ? key.source.name : key.source.from})`)];
    }
    try {
      const count = await trySearch(access);
      const found = `${backend.title} at ${base} answers`;
      return [count > 0 ? ok(found) : warning(`${found}, and finds nothing`, "Look which of its engines are on")];
    } catch (error) {
      if (isAppError(error)) return [broken(error.message, "Correct search: in openclaw.yml, or start the server")];
      throw error;
    }
  },
};
