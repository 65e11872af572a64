import type { Verb } from "../terminal/clientVerb.ts";

/** How each word of the command line is loaded. */
const verbs: Record<string, () => Promise<Verb>> = {
  agents: async () => (await import("./sessions/agentsVerb.ts")).agents,
  approvals: async () => (await import("./sessions/approvalsVerb.ts")).approvals,
  audit: async () => (await import("./gateway/auditVerb.ts")).audit,
  browser: async () => (await import("./browserVerb.ts")).browser,
  channels: async () => (await import("./channels/channelsVerb.ts")).channels,
  completion: async () => (await import("./completionVerb.ts")).completion,
  cron: async () => (await import("./jobs/cronVerb.ts")).cron,
  doctor: async () => (await import("./gateway/doctorVerb.ts")).doctor,
  export: async () => (await import("./moving/exportVerb.ts")).exportVerb,
  gateway: async () => (await import("./gateway/gatewayVerb.ts")).gateway,
  history: async () => (await import("./sessions/historyVerb.ts")).history,
  hooks: async () => (await import("./jobs/hooksVerb.ts")).hooks,
  import: async () => (await import("./moving/importVerb.ts")).importVerb,
  instructions: async () => (await import("./sessions/instructionsVerb.ts")).instructions,
  logs: async () => (await import("./gateway/logsVerb.ts")).logs,
  mcp: async () => (await import("./mcp/mcpVerb.ts")).mcp,
  models: async () => (await import("./modelsVerb.ts")).models,
  phone: async () => (await import("./phone/phoneVerb.ts")).phone,
  plan: async () => (await import("./sessions/planVerb.ts")).plan,
  prompts: async () => (await import("./sessions/promptsVerb.ts")).prompts,
  rules: async () => (await import("./sessions/rulesVerb.ts")).rules,
  runs: async () => (await import("./sessions/runsVerb.ts")).runs,
  send: async () => (await import("./sessions/sendVerb.ts")).send,
  service: async () => (await import("./gateway/serviceVerb.ts")).service,
  sessions: async () => (await import("./sessions/sessionsVerb.ts")).sessions,
  skills: async () => (await import("./sessions/skillsVerb.ts")).skills,
  spawn: async () => (await import("./sessions/spawnVerb.ts")).spawn,
  status: async () => (await import("./gateway/statusVerb.ts")).status,
  steer: async () => (await import("./sessions/steerVerb.ts")).steer,
  subagents: async () => (await import("./sessions/subagentsVerb.ts")).subagents,
  token: async () => (await import("./gateway/tokenVerb.ts")).token,
  undo: async () => (await import("./sessions/undoVerb.ts")).undo,
  usage: async () => (await import("./usageVerb.ts")).usage,
  worktree: async () => (await import("./sessions/worktreeVerb.ts")).worktree,
};

// What it prints it has of all the others.
const WITH_ALL = new Set(["completion"]);

/** The verb of this name alone, since a command is to load no more than it needs; all of them when no verb has it. */
export async function loadVerbs(name = ""): Promise<Verb[]> {
  const isAlone = Object.hasOwn(verbs, name) && !WITH_ALL.has(name);
  const loads = isAlone ? [verbs[name]!] : Object.values(verbs);
  return Promise.all(loads.map((load) => load()));
}
