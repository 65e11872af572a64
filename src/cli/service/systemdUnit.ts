import type { Service } from "./service.ts";

/** A unit of systemd for one user that starts the service with that user and again when it fails. */
export function toSystemdUnit({ words, env }: Pick<Service, "words" | "env">): string {
  const settings = Object.entries(env).map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`);
  return `# Written by "pincer service install", taken away by "pincer service uninstall".
[Unit]
Description=Pincer, an agent gateway
StartLimitIntervalSec=0

[Service]
Type=exec
# The colon: a dollar in a path is a dollar.
ExecStart=:${[...through(words), ...words].map(quote).join(" ")}
${settings.map((line) => `${line}\n`).join("")}WorkingDirectory=~
Restart=on-failure
RestartSec=10
TimeoutStopSec=20
KillMode=mixed

[Install]
WantedBy=default.target
`;
}

/** systemd starts no program with such characters in its path; a shell does. */
function through([program = ""]: string[]): string[] {
  return /["'\\]/.test(program) ? ["/bin/sh", "-c", 'exec "$0" "$@"'] : [];
}

/** As one word: %h and the like would stand for something else. */
function quote(text: string): string {
  const escaped = text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll("%", "%%");
  return `"${escaped}"`;
}
