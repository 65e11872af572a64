import { run } from "./process.mjs";

/** Installs a Debian package. Resolves with what went wrong; undefined when nothing did. */
export async function aptInstall(name) {
  const apt = await aptGet();
  if (!apt) return "there is no apt-get that may be run without a password";
  await run(apt[0], [...apt.slice(1), "update"]);
  const { code, output } = await run(apt[0], [...apt.slice(1), "install", "-y", "--no-install-recommends", name], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
  return code === 0 ? undefined : `apt-get install ${name} failed:\n${output}`;
}

async function aptGet() {
  const { code } = await run("apt-get", ["--version"]);
  if (code !== 0) return undefined;
  if (process.getuid?.() === 0) return ["apt-get"];
  return (await run("sudo", ["-n", "true"])).code === 0 ? ["sudo", "-n", "apt-get"] : undefined;
}
