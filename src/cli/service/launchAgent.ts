import type { Service } from "./service.ts";
import { markupText } from "../../base/text/markupText.ts";

/** A property list of launchd that starts the service when its user logs in, and again when it fails. */
export function toLaunchAgent(service: Service): string {
  const { words, env, errors } = service;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${dictionary(
  {
    Label: string(launchLabel(service.name)),
    ProgramArguments: list(words, "  "),
    EnvironmentVariables: dictionary(
      Object.fromEntries(Object.entries(env).map(([name, value]) => [name, string(value)])),
      "  ",
    ),
    RunAtLoad: "<true/>",
    KeepAlive: dictionary({ SuccessfulExit: "<false/>" }, "  "),
    ThrottleInterval: "<integer>10</integer>",
    ExitTimeOut: "<integer>20</integer>",
    StandardErrorPath: string(errors),
  },
  "",
)}
</plist>
`;
}

/** What launchd calls a service. */
export function launchLabel(name: string): string {
  return `dev.pincer.${name}`;
}

function dictionary(entries: Record<string, string>, indent: string): string {
  const lines = Object.entries(entries).map(
    ([key, value]) => `${indent}  <key>${markupText(key)}</key>\n${indent}  ${value}\n`,
  );
  return `<dict>\n${lines.join("")}${indent}</dict>`;
}

function list(texts: string[], indent: string): string {
  return `<array>\n${texts.map((text) => `${indent}  ${string(text)}\n`).join("")}${indent}</array>`;
}

function string(text: string): string {
  return `<string>${markupText(text)}</string>`;
}
