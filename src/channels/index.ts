export { openTelegram } from "./telegram/telegram.ts";
