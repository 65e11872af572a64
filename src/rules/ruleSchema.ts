import { type Deed, type Rule, ruleShape } from "../protocol/rule.ts";
import { HOST_PATTERN } from "./hostPattern.ts";
import { commandFault } from "./commandPattern.ts";
import { SERVER_NAME } from "./mcpTool.ts";

const FIELD_OF: Record<Deed, "command" | "path" | "host" | "server" | "channel"> = {
  exec: "command",
  edit: "path",
  delete: "path",
  read: "path",
  web_fetch: "host",
  browser: "host",
  network: "host",
  mcp: "server",
  message: "channel",
};

const FIELDS = ["command", "path", "host", "server", "tool", "hash", "readOnly", "channel", "to"] as const;

const ALSO: Partial<Record<Deed, string[]>> = { mcp: ["tool", "hash", "readOnly"], message: ["to"] };

/** One line of what may be done, or not: `{allow: exec, command: "npm test"}`. */
export const ruleSchema = ruleShape.superRefine((rule, context) => {
  const fault = ruleFault(rule);
  if (fault) context.addIssue({ code: "custom", path: [fault.key], message: fault.message, input: rule });
});

/** What a rule is about; every rule is about one thing. */
export function deedOf(rule: Rule): Deed {
  return (rule.allow ?? rule.deny)!;
}

function ruleFault(rule: Rule): { key: string; message: string } | undefined {
  if ((rule.allow === undefined) === (rule.deny === undefined))
    return { key: "allow", message: "A rule says either allow or deny" };
  const deed = deedOf(rule);
  const key = FIELD_OF[deed];
  // Of a command that is allowed: what it may reach.
  const mayAlso = rule.allow === "exec" ? ["host"] : (ALSO[deed] ?? []);
  const other = FIELDS.find((name) => name !== key && !mayAlso.includes(name) && rule[name] !== undefined);
  if (other) return { key: other, message: `A rule about ${deed} has a ${key}, and no ${other}` };
  // Denying all of a kind is plain; allowing all of it should not be an oversight.
  if (rule.allow !== undefined && rule[key] === undefined)
    return { key: "allow", message: `A rule that allows ${deed} says which ${key}` };
  if (deed === "mcp") return mcpFault(rule);
  if (deed === "message") return messageFault(rule);
  if (rule.command !== undefined) {
    const message = commandFault(rule.command, rule.deny !== undefined);
    if (message !== undefined) return { key: "command", message };
  }
  if (rule.path !== undefined && /^(\/|[a-z]:)|(^|\/)\.\.(\/|$)|\\/i.test(rule.path))
    return { key: "path", message: "A path of a rule lies in the workspace: no leading slash, no .. and no backslash" };
  if (rule.host !== undefined && !HOST_PATTERN.test(rule.host))
    return { key: "host", message: 'A host of a rule is a name such as api.example.org, "*.example.org" or "*"' };
  return undefined;
}

function mcpFault({ server, tool, hash, deny, readOnly }: Rule): { key: string; message: string } | undefined {
  if (server !== undefined && !SERVER_NAME.test(server))
    return { key: "server", message: "A server of a rule is named as in mcp.servers: letters, digits, - and _" };
  if (server === undefined && tool !== undefined)
    return { key: "tool", message: "A rule about a tool of a server says of which server" };
  if (tool !== undefined && !/^[\w*-]+$/.test(tool))
    return { key: "tool", message: "A tool of a rule is a name of letters, digits, - and _; * stands for any of them" };
  if (deny !== undefined && readOnly)
    return { key: "readOnly", message: "A rule that denies says nothing of what it denies" };
  // What was changed would no longer be denied.
  if (deny !== undefined && hash !== undefined)
    return { key: "hash", message: "A rule that denies has no hash: it holds however the tool is described" };
  return undefined;
}

function messageFault({ allow, channel, to }: Rule): { key: string; message: string } | undefined {
  if (channel !== undefined && !/^[a-z]+$/.test(channel))
    return { key: "channel", message: "A channel of a rule is a name such as telegram" };
  if (channel === undefined && to !== undefined)
    return { key: "to", message: "A rule about an address says of which channel" };
  if (allow !== undefined && to === undefined)
    return { key: "to", message: 'A rule that allows message says to whom: an address, or "*" for every chat' };
  if (to !== undefined && !/^[\w@:.*-]+$/.test(to))
    return { key: "to", message: 'An address of a rule is as "123", "-100123:45", "-100123:*" or "*"' };
  return undefined;
}
