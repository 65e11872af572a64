/** The second half of brokenFiles.ts. */
export const moreBrokenFiles: { name: string; text: string; problems: string[] }[] = [
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
    name: "a budget of a model of a misspelt provider",
    text: "agent:\n  modelBudgets:\n    anthropc/claude-opus-4-5: { dayUsd: 10 }\n",
    problems: [
      'openclaw.yml:3:5: error: agent.modelBudgets.anthropc/claude-opus-4-5: No provider is named "anthropc"; did you mean "anthropic/claude-opus-4-5"?',
    ],
  },
  {
    name: "a budget of a misspelt model of a server that names its models",
    text: "providers:\n  local: { api: openai-chat, baseUrl: 'http://127.0.0.1:1', models: [qwen3] }\nagent:\n  modelBudgets:\n    local/qwne3: { dayUsd: 10 }\n    local/qwen3: { dayUsd: 10 }\n",
    problems: [
      'openclaw.yml:5:5: warning: agent.modelBudgets.local/qwne3: "local/qwne3" is none of the models of providers.local: where there is none, this budget holds nothing; did you mean "local/qwen3"?',
    ],
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
      'openclaw.yml:3:17: error: cron[0].schedule.kind: Expected one of cron, every, at, file, exit, after, not "corn"; did you mean "cron"?',
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
      'openclaw.yml:3:27: error: cron[0].schedule.at: "tomorrow" is not a time in ISO 8601, as in 2026-12-24T18:00:00Z',
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
      'openclaw.yml:1:1: error: a: Unknown key "a"; known here: gateway, model, fallbacks, providers, prices, agent, cron, webhooks, hooks, browser, search, mcp, channels, audit, telemetry, retention, checkpoints, worktrees, store',
      'openclaw.yml:2:1: error: b: Unknown key "b"; known here: gateway, model, fallbacks, providers, prices, agent, cron, webhooks, hooks, browser, search, mcp, channels, audit, telemetry, retention, checkpoints, worktrees, store',
      'openclaw.yml:3:1: error: c: Unknown key "c"; known here: gateway, model, fallbacks, providers, prices, agent, cron, webhooks, hooks, browser, search, mcp, channels, audit, telemetry, retention, checkpoints, worktrees, store',
      "openclaw.yml:4:1: error: d: This uses more than 500 aliases",
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
