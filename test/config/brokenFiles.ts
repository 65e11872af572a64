import { moreBrokenFiles } from "./moreBrokenFiles.ts";

/** A broken file, and every word that is said of it. The environment is that of load.test.ts. */
export interface BrokenFile {
  name: string;
  text: string;
  problems: string[];
}

const someBrokenFiles: BrokenFile[] = [
  {
    name: "a misspelt section",
    text: "gatway: {}\n",
    problems: ['openclaw.yml:1:1: error: gatway: Unknown key "gatway"; did you mean "gateway"?'],
  },
  {
    name: "a misspelt key",
    text: "gateway:\n  prot: 3000\n",
    problems: ['openclaw.yml:2:3: error: gateway.prot: Unknown key "prot"; did you mean "port"?'],
  },
  {
    name: "a key in another case",
    text: "providers:\n  openai:\n    api_key: x\n",
    problems: ['openclaw.yml:3:5: error: providers.openai.api_key: Unknown key "api_key"; did you mean "apiKey"?'],
  },
  {
    name: "a key that belongs elsewhere",
    text: "model: openai/gpt-6-luna\nport: 3000\n",
    problems: ['openclaw.yml:2:1: error: port: Unknown key "port"; it belongs under "gateway"'],
  },
  {
    name: "a key that every object has",
    text: "model: openai/gpt-6-luna\nconstructor: 1\n",
    problems: [
      'openclaw.yml:2:1: error: constructor: Unknown key "constructor"; known here: gateway, model, fallbacks, providers, prices, agent, cron, webhooks, hooks, browser, search, mcp, channels, audit, telemetry, retention, checkpoints, worktrees, store',
    ],
  },
  {
    name: "a key that is not there yet",
    text: "plugins:\n  telegram: {}\n",
    problems: [
      'openclaw.yml:1:1: error: plugins: Unknown key "plugins"; known here: gateway, model, fallbacks, providers, prices, agent, cron, webhooks, hooks, browser, search, mcp, channels, audit, telemetry, retention, checkpoints, worktrees, store',
    ],
  },
  {
    name: "a key within a list",
    text: "cron:\n  - name: a\n    schedule: { kind: every, everyMs: 60000 }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n    enable: true\n",
    problems: ['openclaw.yml:6:5: error: cron[0].enable: Unknown key "enable"; did you mean "enabled"?'],
  },
  {
    name: "a key within a flow mapping",
    text: "gateway: { host: 127.0.0.1, prt: 1 }\n",
    problems: ['openclaw.yml:1:29: error: gateway.prt: Unknown key "prt"; did you mean "port"?'],
  },
  {
    name: "a key given twice",
    text: "gateway:\n  port: 1\n  host: 127.0.0.1\n  port: 2\n",
    problems: ['openclaw.yml:4:3: error: gateway.port: The key "port" was given before, on line 2'],
  },
  {
    name: "a section given twice",
    text: "agent: {}\nmodel: openai/gpt-6-luna\nagent: {}\n",
    problems: ['openclaw.yml:3:1: error: agent: The key "agent" was given before, on line 1'],
  },
  {
    name: "a prototype",
    text: "__proto__: { polluted: true }\n",
    problems: ['openclaw.yml:1:1: error: __proto__: Unknown key "__proto__"'],
  },
  {
    name: "a merge key",
    text: "x-base: &base { port: 1 }\ngateway:\n  <<: *base\n",
    problems: [
      'openclaw.yml:1:1: error: x-base: Unknown key "x-base"; known here: gateway, model, fallbacks, providers, prices, agent, cron, webhooks, hooks, browser, search, mcp, channels, audit, telemetry, retention, checkpoints, worktrees, store',
      'openclaw.yml:3:3: error: gateway.<<: Unknown key "<<"; known here: token, tokens, requestsPerMinute, openaiSessionDays, port, host, tls, remote',
    ],
  },
  {
    name: "a list as a file",
    text: "- gateway\n- model\n",
    problems: ["openclaw.yml:1:1: error: Expected keys with values, but a list is given"],
  },
  {
    name: "a word as a file",
    text: "gateway\n",
    problems: ["openclaw.yml:1:1: error: Expected keys with values, but text is given"],
  },
  {
    name: "a number in quotes",
    text: 'gateway:\n  port: "3000"\n',
    problems: ["openclaw.yml:2:3: error: gateway.port: Expected a number, but text is given; remove the quotes"],
  },
  {
    name: "a port that is a word",
    text: "gateway:\n  port: http\n",
    problems: ["openclaw.yml:2:3: error: gateway.port: Expected a number, but text is given"],
  },
  {
    name: "a port out of range",
    text: "gateway:\n  port: 65536\n",
    problems: ["openclaw.yml:2:3: error: gateway.port: Expected at most 65535"],
  },
  {
    name: "a port with a fraction",
    text: "gateway:\n  port: 80.5\n",
    problems: ["openclaw.yml:2:3: error: gateway.port: Expected a whole number"],
  },
  {
    name: "a boolean in quotes",
    text: 'browser:\n  headless: "false"\n',
    problems: [
      "openclaw.yml:2:3: error: browser.headless: Expected true or false, but text is given; remove the quotes",
    ],
  },
  {
    name: "a boolean by another name",
    text: "browser:\n  headless: no\n",
    problems: ["openclaw.yml:2:3: error: browser.headless: Expected true or false, but text is given"],
  },
  {
    name: "a text where a list belongs",
    text: "fallbacks: openai/gpt-6-luna\n",
    problems: ["openclaw.yml:1:1: error: fallbacks: Expected a list, but text is given"],
  },
  {
    name: "a list where a text belongs",
    text: "model: [openai/gpt-6-luna]\n",
    problems: ["openclaw.yml:1:1: error: model: Expected text, but a list is given"],
  },
  {
    name: "a mapping where a text belongs",
    text: "agent:\n  instructions: { be: brief }\n",
    problems: ["openclaw.yml:2:3: error: agent.instructions: Expected text, but a mapping is given"],
  },
  {
    name: "a list where a section belongs",
    text: "agent:\n  - maxSteps: 5\n",
    problems: ["openclaw.yml:1:1: error: agent: Expected keys with values, but a list is given"],
  },
  {
    name: "a choice that is none",
    text: "agent:\n  approvals: sometimes\n",
    problems: ['openclaw.yml:2:3: error: agent.approvals: Expected one of ask, auto-safe, auto, deny, not "sometimes"'],
  },
  {
    name: "a choice in another case",
    text: "agent:\n  approvals: Auto-Safe\n",
    problems: [
      'openclaw.yml:2:3: error: agent.approvals: Expected one of ask, auto-safe, auto, deny, not "Auto-Safe"; did you mean "auto-safe"?',
    ],
  },
  {
    name: "a limit of zero",
    text: "agent:\n  maxSteps: 0\n",
    problems: ["openclaw.yml:2:3: error: agent.maxSteps: Expected at least 1"],
  },
  {
    name: "a negative budget",
    text: "agent:\n  budgetUsd: -1\n",
    problems: ["openclaw.yml:2:3: error: agent.budgetUsd: Expected at least 0"],
  },
  {
    name: "a token that is the guide's",
    text: "gateway:\n  token: your-secure-token\n",
    problems: [
      "openclaw.yml:2:3: error: gateway.token: This token is a placeholder that anybody can guess; remove the line to get a random one",
    ],
  },
  {
    name: "another of the guide's",
    text: 'gateway:\n  token: "your-token-here"\n',
    problems: [
      "openclaw.yml:2:3: error: gateway.token: This token is a placeholder that anybody can guess; remove the line to get a random one",
    ],
  },
  {
    name: "a token to be changed",
    text: "gateway: { token: changeme, port: 3000 }\n",
    problems: [
      "openclaw.yml:1:12: error: gateway.token: This token is a placeholder that anybody can guess; remove the line to get a random one",
    ],
  },
  {
    name: "a token in angle brackets",
    text: "gateway:\n  token: <TOKEN>\n",
    problems: [
      "openclaw.yml:2:3: error: gateway.token: This token is a placeholder that anybody can guess; remove the line to get a random one",
    ],
  },
  {
    name: "a blank token",
    text: 'gateway:\n  token: "  "\n',
    problems: ["openclaw.yml:2:3: error: gateway.token: The token is blank; remove the line to get a random one"],
  },
  {
    name: "an empty token",
    text: "gateway:\n  token:\n",
    problems: ["openclaw.yml:2:3: error: gateway.token: Expected text, but nothing is given"],
  },
  {
    name: "a token called null",
    text: 'gateway:\n  token: "null"\n',
    problems: [
      "openclaw.yml:2:3: error: gateway.token: This token is a placeholder that anybody can guess; remove the line to get a random one",
    ],
  },
  {
    name: "a token that is a number",
    text: "gateway:\n  token: 8675309867530986753098\n",
    problems: ["openclaw.yml:2:3: error: gateway.token: Expected text, but a number is given; put it in quotes"],
  },
  {
    name: "a token with a space",
    text: "gateway:\n  token: correct horse battery staple\n",
    problems: [
      "openclaw.yml:2:3: error: gateway.token: A token may hold only visible ASCII characters: a blank stands in it",
    ],
  },
  {
    name: "a short token",
    text: "gateway:\n  token: k3Jx9Qm2\n",
    problems: ["openclaw.yml:2:3: warning: gateway.token: The token has 8 characters; use 24 or more"],
  },
  {
    name: "a named token without scope",
    text: "gateway:\n  tokens:\n    ci: { token: mJ4kPzRq8sVw2xYb6nTc0dLf }\n",
    problems: [
      "openclaw.yml:3:5: error: gateway.tokens.ci.scope: Missing: scope is needed here, one of read, write, admin",
    ],
  },
  {
    name: "a token that is called as the gateway's own is",
    text: "gateway:\n  tokens:\n    default: { token: mJ4kPzRq8sVw2xYb6nTc0dLf, scope: write }\n",
    problems: [
      `openclaw.yml:3:5: error: gateway.tokens.default: "default" is what the gateway's own token is called, which may do all; choose another name`,
    ],
  },
  {
    name: "two tokens that are one",
    text: "gateway:\n  token: mJ4kPzRq8sVw2xYb6nTc0dLf\n  tokens:\n    ci: { token: mJ4kPzRq8sVw2xYb6nTc0dLf, scope: read }\n",
    problems: ["openclaw.yml:4:11: error: gateway.tokens.ci.token: Another token has this same value"],
  },
  {
    name: "an open address without TLS",
    text: "gateway:\n  host: 0.0.0.0\n",
    problems: [
      "openclaw.yml:2:3: error: gateway.host: Listening on 0.0.0.0 lets other machines in, which needs gateway.tls: a certificate and its key, or selfSigned",
    ],
  },
  {
    name: "an open address with a weak token",
    text: "gateway:\n  host: 192.168.1.5\n  tls: selfSigned\n  token: mJ4kPzRq8sVw2xYb6nTc0dLf\n",
    problems: [
      'openclaw.yml:2:3: error: gateway.host: Listening on 192.168.1.5 lets other machines in, which needs tokens of at least 43 random characters; the token "default" is weaker',
    ],
  },
  {
    name: "TLS without its key",
    text: "gateway:\n  tls: { cert: a.pem }\n",
    problems: ["openclaw.yml:2:3: error: gateway.tls.key: Missing: key is needed here"],
  },
  {
    name: "TLS in another case",
    text: "gateway:\n  tls: selfsigned\n",
    problems: [
      'openclaw.yml:2:3: error: gateway.tls: Expected selfSigned, not "selfsigned"; did you mean "selfSigned"?',
    ],
  },
  {
    name: "a provider without an address",
    text: "providers:\n  local: { api: openai-chat }\n",
    problems: ["openclaw.yml:2:3: error: providers.local: A provider of your own needs baseUrl"],
  },
];

export const brokenFiles = [...someBrokenFiles, ...moreBrokenFiles];
