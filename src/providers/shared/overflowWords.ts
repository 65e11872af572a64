/** How vendors say that a request is longer than their model's window. `limit`, where they name it, is the window in tokens. */
const OVERFLOWS: RegExp[] = [
  // OpenAI, Azure, DeepSeek, OpenRouter, vLLM
  /maximum context length (?:is|of) (?<limit>[\d,]+)/i,
  // Mistral
  /too large for model with (?<limit>[\d,]+) maximum context length/i,
  // Fireworks
  /model maximum context length:? (?<limit>[\d,]+)/i,
  /model's maximum context length \((?<limit>[\d,]+)\)/i,
  /maximum model length of (?<limit>[\d,]+)/i,
  // Anthropic
  /prompt is too long: [\d,]+ tokens > (?<limit>[\d,]+)/i,
  /exceed context limit: [\d, +]+> (?<limit>[\d,]+)/i,
  // Google
  /input token count.{0,40}exceeds the maximum number of tokens allowed \(?(?<limit>[\d,]+)/i,
  // xAI
  /maximum prompt length is (?<limit>[\d,]+)/i,
  // Kimi
  /exceeded model token limit:? ?(?<limit>[\d,]+)/i,
  // Copilot
  /token count of [\d,]+ exceeds the limit of (?<limit>[\d,]+)/i,
  // LM Studio
  /context length of only (?<limit>[\d,]+)/i,
  /reached context length of (?<limit>[\d,]+)/i,
  // llama.cpp
  /available context size \((?<limit>[\d,]+)/i,
  /configured context size is (?<limit>[\d,]+)/i,
  // SGLang
  /context length \((?<limit>[\d,]+)/i,
  // Together, TGI
  /max_new_tokens`? must be <= (?<limit>[\d,]+)/i,
  /inputs`? must have less than (?<limit>[\d,]+)/i,
  // Alibaba
  /range of input length should be \[\d+, ?(?<limit>[\d,]+)\]/i,
  // Cohere
  /tokens in the prompt cannot exceed (?<limit>[\d,]+)/i,
  // Cerebras, Groq
  /reduce the length of the messages.*?limit is (?<limit>[\d,]+)/i,
  /maximum (?:allowed )?input length (?:of|is) (?<limit>[\d,]+)/i,
  // A window that is named by no number. Bedrock: "Input is too long for requested model."
  /(?:input|prompt|request|context|conversation) is too long/i,
  /(?:prompt|input) too long/i,
  /reduce the length of the (?:messages|prompt|input)/i,
  // GLM: code 1261
  /prompt (?:exceeds max length|超长)|输入.{0,8}(?:过长|超长|超过)|上下文.{0,8}超/i,
  /exceed_?s?_context_size|context_length_exceeded|model_max_prompt_tokens_exceeded|context_window_exceeded/i,
  /string_above_max_length|request_too_large|request entity too large|payload too large|content too large/i,
  /exceeds? (?:the |this |its |your )?(?:model'?s )?(?:maximum |max |available )?context (?:window|length|size|limit)/i,
  /exceeds? the (?:model's )?maximum (?:number of tokens|length|prompt length|input)/i,
  /context (?:window|length|size|limit) (?:is |was |has been )?(?:exceeds? limit|exceeded|overflow|reached|full)/i,
  /(?:greater|longer|larger) than the (?:model's )?(?:context|maximum)/i,
  /context the overflows|context overflow|too many (?:input |prompt )?tokens|maximum context length/i,
  /not enough context|does not fit (?:in|into) (?:the|this model's) context/i,
  // Requests that one minute's allowance can never hold: OpenAI, Groq
  /request too large for .*tokens per min/i,
];

/** Whether a vendor's words, its code included, mean that the request was too long; with the window where they name it. */
export function readOverflow(words: string): { limitTokens?: number } | undefined {
  for (const pattern of OVERFLOWS) {
    const found = pattern.exec(words);
    if (!found) continue;
    const limit = Number(found.groups?.limit?.replaceAll(",", ""));
    return limit >= 16 ? { limitTokens: limit } : {};
  }
  return undefined;
}
