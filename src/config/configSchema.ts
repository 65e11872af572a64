import * as z from "zod";
import { ruleSchema } from "../rules/ruleSchema.ts";
import { isLoopback } from "../net/loopback.ts";
import { TREE_LIMITS } from "../protocol/run.ts";
import { newJobSchema } from "../schedule/jobSchema.ts";
import { telemetrySchema } from "./schema/telemetrySchema.ts";
import { hookSchema } from "./schema/hookSchema.ts";
import { ownHooksSchema } from "./schema/ownHookSchema.ts";
import { channelsSchema } from "./schema/channelsSchema.ts";
import { mcpSchema } from "./schema/mcpSchema.ts";
import { searchSchema } from "./schema/searchSchema.ts";
import { worktreesSchema } from "./schema/worktreesSchema.ts";

const secretText = (about: string) => z.string().describe(`${about} Write \${NAME} to read it from the environment.`);

const dollars = (what: string) => z.number().min(0).optional().describe(`Ceiling in US dollars for ${what}.`);
const tokens = (what: string) => z.int().min(0).optional().describe(`Ceiling in tokens for ${what}.`);

const gatewaySchema = z.strictObject({
  token: secretText(
    "What clients send as `Authorization: Bearer TOKEN`. Without one, a random token is made.",
  ).optional(),
  tokens: z
    .record(
      z.string(),
      z.strictObject({
        token: secretText("The token itself."),
        scope: z.enum(["read", "write", "admin"]).describe("What it may do: read, also run things, or everything."),
        requestsPerMinute: z
          .int()
          .positive()
          .optional()
          .describe("Most requests in a minute; those of the gateway by default."),
        dayBudgetUsd: dollars("all that comes with it on one day (UTC)"),
        dayBudgetTokens: tokens("all that comes with it on one day (UTC)"),
        grants: z
          .array(ruleSchema)
          .max(100)
          .optional()
          .describe("What runs that come with it may do unasked (docs/permissions.md)."),
      }),
    )
    .default({})
    .describe("Further tokens by name, each with what it may do."),
  requestsPerMinute: z
    .int()
    .positive()
    .optional()
    .describe("Most requests that each token may make in a minute; no limit by default."),
  openaiSessionDays: z
    .number()
    .min(0)
    .max(36_500)
    .default(30)
    .describe("What `retention.openaiDays` is where that is not given."),
  port: z
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe("Port of the REST API; 3000 or the next free one by default, 0 for any."),
  host: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address to listen on. Any but loopback needs TLS and a token of 43 characters or more."),
  tls: z
    .union([
      z.literal("selfSigned"),
      z.strictObject({
        cert: z.string().min(1).describe("Certificate file (PEM), relative to this file."),
        key: z.string().min(1).describe("Private key file (PEM), relative to this file."),
      }),
    ])
    .optional()
    .describe('Serves HTTPS: "selfSigned", or files with a certificate and its key.'),
  remote: z
    .enum(["on", "off"])
    .default("off")
    .describe(
      "Serves a page for paired phones at /phone (docs/phone.md). Needs `tls` and a `host` that is not loopback. In your own file only.",
    ),
});

const providerSchema = z.strictObject({
  api: z
    .enum(["openai-chat"])
    .optional()
    .describe(
      "The protocol a provider of your own speaks; openai-chat is that of Ollama, LM Studio, vLLM and OpenRouter.",
    ),
  apiKey: secretText("The provider's key.").optional(),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Address of the API, as in http://127.0.0.1:11434/v1."),
  models: z.array(z.string().min(1)).optional().describe("Models it offers, without the provider's name."),
  requestsPerMinute: z
    .int()
    .positive()
    .optional()
    .describe("Own limit of requests per minute; none by default. Requests over it wait."),
  tokensPerMinute: z
    .int()
    .positive()
    .optional()
    .describe(
      "Own limit of tokens per minute, those read from a cache left out; none by default. Requests over it wait.",
    ),
});

const priceFields = {
  inputPerMTok: z.number().min(0).describe("US dollars per million prompt tokens."),
  outputPerMTok: z.number().min(0).describe("US dollars per million generated tokens."),
  cacheReadPerMTok: z.number().min(0).optional().describe("US dollars per million tokens read from the cache."),
  cacheWritePerMTok: z.number().min(0).optional().describe("US dollars per million tokens written to the cache."),
};

const priceSchema = z.strictObject({
  ...priceFields,
  longPrompt: z
    .strictObject({
      aboveTokens: z.int().positive().describe("Prompt tokens, cached ones included, above which these prices hold."),
      ...priceFields,
    })
    .optional()
    .describe("What every token of a request costs whose prompt is longer than a limit."),
});

const limit = (standard: number, most: number) => z.int().min(0).max(most).default(standard);

const agentSchema = z.strictObject({
  instructions: z.string().optional().describe("Added to the system prompt of every session."),
  instructionFiles: z
    .boolean()
    .default(true)
    .describe("Tells the model what AGENTS.md (or CLAUDE.md) of the folder says, and that of the state folder."),
  skills: z
    .boolean()
    .default(true)
    .describe("Tells the model which skills there are (folders with a SKILL.md), and lets it use them."),
  maxSteps: z.int().min(1).max(1000).default(50).describe("Model requests one run may make."),
  maxDepth: limit(TREE_LIMITS.depth, 20).describe("How deep sub-agents may be nested."),
  maxRunning: limit(TREE_LIMITS.running, 1000).describe(
    "Runs that one message leads to (sub-agents, messages to other sessions) and that are at work or wait at once.",
  ),
  maxRuns: limit(TREE_LIMITS.runs, 100_000).describe("Runs in other sessions that one message may lead to in all."),
  maxChain: limit(TREE_LIMITS.chain, 1000).describe(
    "Messages in a row that may go from session to session without a person among them.",
  ),
  tools: z
    .strictObject({
      allow: z.array(z.string().min(1)).optional().describe("Only these tools are offered; all by default."),
      deny: z.array(z.string().min(1)).default([]).describe("These tools are never offered."),
    })
    .prefault({})
    .describe("Which tools the agent has."),
  approvals: z
    .enum(["ask", "auto-safe", "auto", "deny"])
    .default("ask")
    .describe(
      "ask before anything that writes, runs or connects; auto-safe lets harmless commands run; auto all but protected paths; deny refuses them.",
    ),
  rules: z
    .array(ruleSchema)
    .max(500)
    .default([])
    .describe("What may be done unasked, and what is refused, before the mode decides (docs/permissions.md)."),
  sandbox: z
    .enum(["auto", "required", "off"])
    .default("auto")
    .describe(
      "Whether commands run in a sandbox (bubblewrap on Linux, sandbox-exec on macOS): auto where there is one; required refuses commands where there is none; off never.",
    ),
  approvalTimeoutSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(300)
    .describe("An approval that nobody answers in this time counts as denied."),
  budgetUsd: dollars("one run with its sub-agents"),
  budgetTokens: tokens("one run with its sub-agents"),
  sessionBudgetUsd: dollars("all runs of a session"),
  sessionBudgetTokens: tokens("all runs of a session"),
  jobBudgetUsd: dollars("each firing of a job"),
  jobBudgetTokens: tokens("each firing of a job"),
  dayBudgetUsd: dollars("everything on one day (UTC)"),
  dayBudgetTokens: tokens("everything on one day (UTC)"),
  modelBudgets: z
    .record(
      z.string(),
      z.strictObject({
        dayUsd: dollars("all that it is used for on one day (UTC)"),
        dayTokens: tokens("all that it is used for on one day (UTC)"),
      }),
    )
    .superRefine((models, context) => {
      for (const name of Object.keys(models).filter((one) => !/^[^/\s]+\/\S+$/.test(one)))
        context.addIssue({ code: "custom", path: [name], message: "Expected a model as provider/name", input: name });
    })
    .default({})
    .describe("Ceilings by model, as provider/name."),
});

const keptDays = (which: string) =>
  z
    .number()
    .min(0)
    .max(36_500)
    .optional()
    .describe(`Sessions ${which} are removed when nobody used them for this many days; never by default.`);

const browserSchema = z.strictObject({
  executablePath: z
    .string()
    .min(1)
    .optional()
    .describe("Chrome, Chromium or Edge to use; an installed one is found by default."),
  headless: z.boolean().default(true).describe("Whether the browser runs without a window."),
  cdpUrl: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => isLoopback(new URL(url).hostname),
      "Expected an address of this machine, as http://127.0.0.1:9222 is",
    )
    .optional()
    .describe("A Chrome on this machine that runs already, as in http://127.0.0.1:9222; none is started then."),
  allowLoopback: z
    .boolean()
    .default(false)
    .describe("Whether pages on this machine may be opened and fetched, to test one's own app."),
  credentials: z
    .array(
      z.strictObject({
        origin: z
          .url({ protocol: /^https?$/ })
          .refine(
            (url) => new URL(url).origin === url,
            "Expected an origin, as https://staging.example.org is: no path",
          )
          .describe("The server's scheme, name and port, as in https://staging.example.org."),
        realm: z.string().optional().describe("What the server calls the place, where not all of the origin is meant."),
        username: z.string().min(1).describe("The name."),
        password: secretText("The password."),
      }),
    )
    .default([])
    .describe("What servers of pages are told that ask for a name and password by HTTP (Basic, Digest)."),
});

/** openclaw.yml. Every description is a hover text in the editor. */
export const configSchema = z.strictObject({
  gateway: gatewaySchema.prefault({}).describe("The local REST and WebSocket gateway."),
  model: z
    .string()
    .optional()
    .describe("Default model as provider/model; a bare claude-*, gpt-* or gemini-* finds its provider."),
  fallbacks: z
    .array(z.string())
    .default([])
    .describe("Models asked in this order when one is overloaded, away, or has no key."),
  providers: z
    .object({
      anthropic: providerSchema.optional().describe("Claude models."),
      openai: providerSchema.optional().describe("OpenAI models."),
      google: providerSchema.optional().describe("Gemini models."),
    })
    .catchall(providerSchema)
    .prefault({})
    .describe("Model providers. Any other name needs `api: openai-chat` and a baseUrl."),
  prices: z
    .record(z.string(), priceSchema)
    .default({})
    .describe("Prices by provider/model, for models whose price is not known or differs."),
  agent: agentSchema.prefault({}).describe("How the agent works and what it may do."),
  cron: z.array(newJobSchema).default([]).describe("Jobs declared here; they are changed here and not over the API."),
  webhooks: z
    .record(z.string(), hookSchema)
    .default({})
    .describe("What others may post to /hooks/NAME, by name. In your own file only."),
  hooks: ownHooksSchema
    .prefault({})
    .describe("What is called at moments of a run (docs/hooks.md). In your own file only."),
  browser: browserSchema.prefault({}).describe("The browser tool."),
  search: searchSchema.optional().describe("The search engine of web_search; none by default. In your own file only."),
  mcp: mcpSchema.prefault({}).describe("Servers of the Model Context Protocol, whose tools the agent has."),
  channels: channelsSchema
    .prefault({})
    .describe("Chat networks over which people reach the agent (docs/channels.md). In your own file only."),
  audit: z
    .strictObject({
      content: z.boolean().default(false).describe("Whether the audit log also holds what was written and read."),
    })
    .prefault({})
    .describe("The audit log: its newest lines, in files of 10 MB of which 20 full ones are kept."),
  telemetry: telemetrySchema.prefault({}).describe("What is told to a collector of OpenTelemetry; nothing by default."),
  retention: z
    .strictObject({
      openaiDays: keptDays("that /v1 made").describe(
        "Sessions that /v1 made are removed when nobody used them for this many days (30); 0: when they have answered.",
      ),
      jobDays: keptDays("that a job made for a firing"),
      subagentDays: keptDays("of sub-agents"),
    })
    .prefault({})
    .describe("Which sessions are removed by themselves. Those that a person renamed, and jobs' targets, never are."),
  checkpoints: z
    .strictObject({
      days: z.int().min(0).max(3650).default(14).describe("Kept for this many days; 0: nothing is kept."),
      megabytes: z.int().min(1).max(1_000_000).default(500).describe("Beyond this the oldest go."),
    })
    .prefault({})
    .describe("What files were before the agent changed them, so that it can be undone."),
  worktrees: worktreesSchema.prefault({}).describe("What of the ignored files is in the worktrees of sub-agents."),
  store: z.enum(["sqlite"]).default("sqlite").describe("Where sessions are kept."),
});

/** The configuration with every default filled in. */
export type Config = z.output<typeof configSchema> & {
  /** Providers whose address a workspace's file gives: of the user's keys none goes there. No file says this itself. */
  foreignProviders?: string[];
};

/** The configuration as a file gives it. */
export type ConfigInput = z.input<typeof configSchema>;

/** Providers that need no `api` and no address. */
export const NAMED_PROVIDERS = ["anthropic", "openai", "google"];

/** What holds where no file says otherwise. */
export function defaultConfig(): Config {
  return configSchema.parse({});
}
