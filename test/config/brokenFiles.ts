/** Broken files, and every word that is said of them. The environment is that of load.test.ts. */
export const brokenFiles: { name: string; text: string; problems: string[] }[] = [
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
    name: "a key that is not there yet",
    text: "channels:\n  telegram: {}\n",
    problems: [
      'openclaw.yml:1:1: error: channels: Unknown key "channels"; known here: gateway, model, fallbacks, providers, prices, agent, cron, browser, audit, store',
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
      'openclaw.yml:1:1: error: x-base: Unknown key "x-base"; known here: gateway, model, fallbacks, providers, prices, agent, cron, browser, audit, store',
      'openclaw.yml:3:3: error: gateway.<<: Unknown key "<<"; known here: token, tokens, port, host, tls',
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
    problems: ["openclaw.yml:2:3: error: gateway.token: A token may hold only visible ASCII characters, and no spaces"],
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
    name: "two tokens that are one",
    text: "gateway:\n  token: mJ4kPzRq8sVw2xYb6nTc0dLf\n  tokens:\n    ci: { token: mJ4kPzRq8sVw2xYb6nTc0dLf, scope: read }\n",
    problems: ["openclaw.yml:4:11: error: gateway.tokens.ci.token: Another token has this same value"],
  },
  {
    name: "an open address without TLS",
    text: "gateway:\n  host: 0.0.0.0\n",
    problems: [
      "openclaw.yml:2:3: error: gateway.host: Listening on 0.0.0.0 lets other machines in, which needs gateway.tls",
    ],
  },
  {
    name: "an open address with a weak token",
    text: "gateway:\n  host: 192.168.1.5\n  tls: selfSigned\n  token: mJ4kPzRq8sVw2xYb6nTc0dLf\n",
    problems: [
      "openclaw.yml:2:3: error: gateway.host: Listening on 192.168.1.5 lets other machines in, which needs tokens of at least 43 random characters",
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
  {
    name: "a misspelt provider",
    text: "providers:\n  antropic: { apiKey: x }\n",
    problems: [
      'openclaw.yml:2:3: error: providers.antropic: A provider of your own needs api: openai-chat and baseUrl; did you mean "anthropic"?',
    ],
  },
  {
    name: "an address without http",
    text: 'providers:\n  local: { api: openai-chat, baseUrl: "localhost:11434" }\n',
    problems: [
      "openclaw.yml:2:30: error: providers.local.baseUrl: Expected an address that starts with http:// or https://",
    ],
  },
  {
    name: "an unknown API",
    text: 'providers:\n  local: { api: openai, baseUrl: "http://127.0.0.1:1/v1" }\n',
    problems: [
      'openclaw.yml:2:12: error: providers.local.api: Expected openai-chat, not "openai"; did you mean "openai-chat"?',
    ],
  },
  {
    name: "a built-in provider set up",
    text: 'providers:\n  offline: { api: openai-chat, baseUrl: "http://127.0.0.1:1/v1" }\n',
    problems: [
      'openclaw.yml:2:3: error: providers.offline: "offline" is built in and cannot be set up here; choose another name',
    ],
  },
  {
    name: "a model of a misspelt provider",
    text: "model: anthropc/claude-sonnet-5-5\n",
    problems: [
      'openclaw.yml:1:1: error: model: No provider is named "anthropc"; did you mean "anthropic/claude-sonnet-5-5"?',
    ],
  },
  {
    name: "a model of an unknown provider",
    text: "model: groq/llama\n",
    problems: ['openclaw.yml:1:1: error: model: No provider is named "groq"; set it up under providers'],
  },
  {
    name: "a model without provider",
    text: "model: sonnet\n",
    problems: [
      'openclaw.yml:1:1: error: model: "sonnet" is not a model id; write provider/model, as in anthropic/claude-sonnet-5-5',
    ],
  },
  {
    name: "a model without name",
    text: "fallbacks: [openai/gpt-6-luna, openai/]\n",
    problems: ['openclaw.yml:1:32: error: fallbacks[1]: "openai/" names no model; write provider/model'],
  },
  {
    name: "a price without a half",
    text: "prices:\n  my/model: { inputPerMTok: 3 }\n",
    problems: ["openclaw.yml:2:3: error: prices.my/model.outputPerMTok: Missing: outputPerMTok is needed here"],
  },
  {
    name: "an unknown kind of schedule",
    text: 'cron:\n  - name: a\n    schedule: { kind: corn, expr: "* * * * *" }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n',
    problems: [
      'openclaw.yml:3:17: error: cron[0].schedule.kind: Expected one of cron, every, at, not "corn"; did you mean "cron"?',
    ],
  },
  {
    name: "a minute that is none",
    text: 'cron:\n  - name: a\n    schedule: { kind: cron, expr: "61 * * * *" }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n',
    problems: [
      'openclaw.yml:3:29: error: cron[0].schedule.expr: "61 * * * *" is not a cron expression: 61 is no minute',
    ],
  },
  {
    name: "an expression of four fields",
    text: 'cron:\n  - name: a\n    schedule: { kind: cron, expr: "* * * *" }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n',
    problems: [
      'openclaw.yml:3:29: error: cron[0].schedule.expr: "* * * *" is not a cron expression: expected 5 or 6 fields but got 4',
    ],
  },
  {
    name: "a time zone that is none",
    text: 'cron:\n  - name: a\n    schedule: { kind: cron, expr: "0 9 * * *", tz: Europe/Berln }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n',
    problems: [
      'openclaw.yml:3:48: error: cron[0].schedule.tz: "Europe/Berln" is not a time zone; did you mean "Europe/Berlin"?',
    ],
  },
  {
    name: "an interval that is too short",
    text: "cron:\n  - name: a\n    schedule: { kind: every, everyMs: 10 }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n",
    problems: ["openclaw.yml:3:30: error: cron[0].schedule.everyMs: Expected at least 1000"],
  },
  {
    name: "a moment that is none",
    text: "cron:\n  - name: a\n    schedule: { kind: at, at: tomorrow }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n",
    problems: [
      'openclaw.yml:3:27: error: cron[0].schedule.at: "tomorrow" is not a moment in ISO 8601, as in 2026-12-24T18:00:00Z',
    ],
  },
  {
    name: "a payload of another kind",
    text: "cron:\n  - name: a\n    schedule: { kind: every, everyMs: 60000 }\n    payload: { kind: agentTurn, text: hi }\n    sessionTarget: main\n",
    problems: [
      "openclaw.yml:4:5: error: cron[0].payload.message: Missing: message is needed here",
      'openclaw.yml:4:33: error: cron[0].payload.text: Unknown key "text"; known here: kind, message',
    ],
  },
  {
    name: "a job without target",
    text: "cron:\n  - name: a\n    schedule: { kind: every, everyMs: 60000 }\n    payload: { kind: systemEvent, text: hi }\n",
    problems: ["openclaw.yml:2:5: error: cron[0].sessionTarget: Missing: sessionTarget is needed here"],
  },
  {
    name: "two jobs of one name",
    text: "cron:\n  - name: a\n    schedule: { kind: every, everyMs: 60000 }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n  - name: a\n    schedule: { kind: every, everyMs: 60000 }\n    payload: { kind: systemEvent, text: hi }\n    sessionTarget: main\n",
    problems: ['openclaw.yml:6:5: error: cron[1].name: Another job is named "a"; names tell jobs of this file apart'],
  },
  {
    name: "a store that is not there yet",
    text: "store: postgres://me:hunter2@db/pincer\n",
    problems: ["openclaw.yml:1:1: error: store: Expected sqlite, not text"],
  },
  {
    name: "a variable that is not set",
    text: 'gateway:\n  token: "${NOT_SET}"\n',
    problems: ["openclaw.yml:2:3: error: gateway.token: The environment variable NOT_SET is not set"],
  },
  {
    name: "a variable that is empty",
    text: "agent:\n  instructions: Hello ${EMPTY}\n",
    problems: ["openclaw.yml:2:3: error: agent.instructions: The environment variable EMPTY is not set"],
  },
  {
    name: "a variable that is no number",
    text: "gateway:\n  port: ${BADP}\n",
    problems: ["openclaw.yml:2:3: error: gateway.port: Expected a number, but text is given"],
  },
  {
    name: "a malformed reference",
    text: "model: ${1ST}\n",
    problems: [
      "openclaw.yml:1:1: error: model: ${1ST} is not a reference to an environment variable; write ${NAME}, or $${ for a literal ${",
    ],
  },
  {
    name: "an unfinished reference",
    text: "model: ${PORT\n",
    problems: [
      "openclaw.yml:1:1: error: model: ${PORT is not a reference to an environment variable; write ${NAME}, or $${ for a literal ${",
    ],
  },
  {
    name: "a reference without quotes in braces",
    text: "gateway: { port: ${PORT} }\n",
    problems: ["openclaw.yml:1:19: error: Inside { } or [ ], ${PORT} needs quotes"],
  },
  {
    name: "a key that is not set",
    text: 'providers:\n  openai: { apiKey: "${NOT_SET}" }\n',
    problems: ["openclaw.yml:2:13: warning: providers.openai.apiKey: The environment variable NOT_SET is not set"],
  },
  {
    name: "a tab",
    text: "gateway:\n\tport: 3000\n",
    problems: ["openclaw.yml:2:1: error: This line is indented with a tab; YAML wants spaces"],
  },
  {
    name: "a quote left open",
    text: 'model: "openai/gpt-6-luna\nagent: {}\n',
    problems: ["openclaw.yml:1:8: error: A quote was opened and never closed"],
  },
  {
    name: "a bracket left open",
    text: "fallbacks: [openai/gpt-6-luna\nagent: {}\n",
    problems: ["openclaw.yml:1:12: error: A { or [ was opened above and never closed"],
  },
  {
    name: "a missing colon",
    text: "gateway\n  port: 3000\n",
    problems: [
      'openclaw.yml:1:1: error: Either a ":" is missing after this, or the line is indented differently from its neighbours',
    ],
  },
  {
    name: "two keys on a line",
    text: "gateway: port: 3000\n",
    problems: [
      'openclaw.yml:1:10: error: There are two keys on one line, or a key under a value; a value with ": " in it needs quotes',
    ],
  },
  {
    name: "an uneven indent",
    text: "gateway:\n  port: 3000\n host: 127.0.0.1\n",
    problems: ["openclaw.yml:3:1: error: This line is indented differently from its neighbours"],
  },
  {
    name: "an at sign",
    text: "agent:\n  instructions: @me\n",
    problems: ['openclaw.yml:2:17: error: A value cannot begin with "@"; put it in quotes'],
  },
  {
    name: "a bad escape",
    text: 'browser: { executablePath: "C:\\chrome.exe" }\n',
    problems: [
      "openclaw.yml:1:31: error: A backslash in double quotes starts an escape; write two of them, or use single quotes",
    ],
  },
  {
    name: "two documents",
    text: "model: openai/gpt-6-luna\n---\nmodel: openai/gpt-6-luna\n",
    problems: ['openclaw.yml:2:1: error: The file holds more than one document; remove the line "---"'],
  },
  {
    name: "an alias of nothing",
    text: "model: *default\n",
    problems: ["openclaw.yml:1:1: error: model: Nothing is named &default, so *default stands for nothing"],
  },
  {
    name: "a tag",
    text: "model: !secret openai/gpt-6-luna\n",
    problems: ["openclaw.yml:1:1: error: model: The tag !secret means nothing here"],
  },
  {
    name: "an alias of itself",
    text: "agent: &agent\n  tools: *agent\n",
    problems: [
      "openclaw.yml:1:1: error: agent: This is nested too deep",
      'openclaw.yml:2:3: error: agent.tools.tools: Unknown key "tools"; it belongs under "agent"',
    ],
  },
  {
    name: "an alias bomb",
    text: "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n",
    problems: [
      'openclaw.yml:1:1: error: a: Unknown key "a"; known here: gateway, model, fallbacks, providers, prices, agent, cron, browser, audit, store',
      'openclaw.yml:2:1: error: b: Unknown key "b"; known here: gateway, model, fallbacks, providers, prices, agent, cron, browser, audit, store',
      'openclaw.yml:3:1: error: c: Unknown key "c"; known here: gateway, model, fallbacks, providers, prices, agent, cron, browser, audit, store',
      "openclaw.yml:4:1: error: d: This expands to more than 10,000 values",
    ],
  },
  {
    name: "windows line ends",
    text: "gateway:\r\n  host: 127.0.0.1\r\n  prot: 1\r\n",
    problems: ['openclaw.yml:3:3: error: gateway.prot: Unknown key "prot"; did you mean "port"?'],
  },
  {
    name: "a byte order mark",
    text: "﻿gateway:\n  prot: 1\n",
    problems: ['openclaw.yml:2:3: error: gateway.prot: Unknown key "prot"; did you mean "port"?'],
  },
  {
    name: "a day that never comes",
    text: 'cron:\n  - name: a\n    schedule: { kind: cron, expr: "0 0 31 2 *" }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n',
    problems: [
      'openclaw.yml:3:29: error: cron[0].schedule.expr: "0 0 31 2 *" is not a cron expression: no month that it names has that day',
    ],
  },
  {
    name: "a misfire policy that is none",
    text: "cron:\n  - name: a\n    schedule: { kind: every, everyMs: 60000 }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n    misfire: skips\n",
    problems: [
      'openclaw.yml:6:5: error: cron[0].misfire: Expected one of once, skip, not "skips"; did you mean "skip"?',
    ],
  },
  {
    name: "a misfire key that is none",
    text: "cron:\n  - name: a\n    schedule: { kind: every, everyMs: 60000 }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n    misfire: { policy: skip, maxAge: 60 }\n",
    problems: ['openclaw.yml:6:30: error: cron[0].misfire.maxAge: Unknown key "maxAge"; did you mean "maxAgeSeconds"?'],
  },
];
