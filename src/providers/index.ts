export { anthropic } from "./anthropic.ts";
export { openai } from "./openai.ts";
export { google } from "./google.ts";
export { openaiChat } from "./openaiChat.ts";
export { demo } from "./demo.ts";
