import { mkdirSync, realpathSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { runtimeCache } from "./vscode/runtime.mjs";

/**
 * What somebody has set for the programs of their own, and no test goes by: keys and addresses of models, where a gateway of theirs is,
 * a proxy, the repository that a hook of git runs in, the editor that the terminal belongs to, and words in a language that this
 * machine may not have.
 */
const OTHERS = [
  /_(API_KEY|AUTH_TOKEN|BOT_TOKEN|BASE_URL)$/i,
  /^(PINCER|OPENCLAW)_\w*(HOME|URL|TOKEN|CONFIG)$/i,
  /^(https?|all|no)_proxy$|^NODE_USE_ENV_PROXY$/i,
  /^GIT_(?!SSL_)/i,
  /^(VSCODE|ELECTRON)_/i,
  /^(LC_\w+|LANGUAGE)$/,
  /^XDG_(CONFIG|DATA|STATE|CACHE)_HOME$/,
];

/** Where git, shells and browsers look for what their user has set: nothing is there. */
const HOME = fileURLToPath(new URL("../out/home", import.meta.url));

/**
 * Takes those out of an environment, with what git is set to, and gives it a home of its own: Pincer leaves its children the home that it
 * has, and no variable of git's. The editors that were installed are found where they are. Its folder for temporary files is named as it is
 * on the disk: on a Mac it is a link. What this process and its children make has the rights that it mostly has.
 */
export function leaveOthersOut(env: NodeJS.ProcessEnv): void {
  env["PINCER_VSCODE_CACHE"] ??= runtimeCache();
  for (const name of Object.keys(env)) if (OTHERS.some((pattern) => pattern.test(name))) delete env[name];
  mkdirSync(HOME, { recursive: true });
  // Of Windows' programs git alone goes by HOME.
  Object.assign(env, { HOME, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" });
  if (process.platform !== "win32") env["TMPDIR"] = realpathSync(tmpdir());
  process.umask(0o022);
}
