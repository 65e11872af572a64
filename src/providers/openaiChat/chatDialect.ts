/** What one server wants otherwise than most do. Learned from its refusals. */
export interface ChatDialect {
  /** Asks for usage at the end of a stream. */
  streamOptions: boolean;
  /** Whose reasoning is sent back: that which came from this model, none, or some with every answer. */
  reasoning: "own" | "none" | "all";
  /** What goes with calls and thinking that models sign or encrypt: what came so from this model, only what stands in for it, or nothing. */
  signed: "own" | "stand-in" | "none";
  maxTokens: "max_tokens" | "max_completion_tokens";
  /** Where the system prompt goes: some templates know users and assistants only. */
  system: "system" | "user";
  /** Whether an answer must stand between a tool's result and a user's words in any case. */
  strictOrder: boolean;
  /** Contents are plain texts only. */
  plainContent: boolean;
  /** Whether it can be told how long to think. */
  effort: boolean;
  /** Ids of calls are nine letters and digits, whoever made them. */
  nineLetters: boolean;
}

export const USUAL: ChatDialect = {
  streamOptions: true,
  reasoning: "own",
  signed: "own",
  maxTokens: "max_tokens",
  system: "system",
  strictOrder: false,
  plainContent: false,
  effort: true,
  nineLetters: false,
};

const WANTED = /must|missing|require|passed back|absent/i;

const LESSONS: [RegExp, (words: string) => Partial<ChatDialect>][] = [
  [/stream_options|include_usage/i, () => ({ streamOptions: false })],
  [/reasoning_content/i, (words) => ({ reasoning: WANTED.test(words) ? "all" : "none" })],
  [/reasoning_details|extra_content/i, (words) => (WANTED.test(words) ? {} : { signed: "none" })],
  [
    /(?:corrupted|invalid) `?(?:thought.?)?signature|signature.{0,20}not valid|thinking.{0,80}(?:cannot be modified|must match)/i,
    () => ({ signed: "stand-in" }),
  ],
  [/reasoning_effort/i, () => ({ effort: false })],
  [/max_completion_tokens/i, () => ({ maxTokens: "max_completion_tokens" })],
  [/tool.?call.?id.{0,80}(?:length of 9|a-z, A-Z, 0-9)/i, () => ({ nineLetters: true })],
  [/unexpected role|after role|roles? must alternate|last role/i, () => ({ strictOrder: true })],
  [
    /system role (?:is )?not supported|only user and assistant roles|(?:does not|doesn't) support (?:the )?system|developer instruction is not enabled/i,
    () => ({ system: "user" }),
  ],
  [
    /'array' not in 'string'|content.{0,40}must be a string|sequence, expected a string|expected string, (?:got|received) array|content.{0,30}str type expected/i,
    () => ({ plainContent: true }),
  ],
];

/** The dialect to ask again with after a refusal in these words; undefined when they teach nothing new. */
export function learn(dialect: ChatDialect, words: string): ChatDialect | undefined {
  for (const [pattern, lesson] of LESSONS) {
    if (!pattern.test(words)) continue;
    const next = { ...dialect, ...lesson(words) };
    if (JSON.stringify(next) !== JSON.stringify(dialect)) return next;
  }
  return undefined;
}
