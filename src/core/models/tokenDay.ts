/** Names what a token has used on a day (UTC), as in "2026-11-26". */
export function tokenDay(token: string, day: string): string {
  return `token ${token} ${day}`;
}

/** Names what came with imported sessions for a day (UTC), of all models or of one: it was paid for elsewhere. */
export function importedDay(day: string, model?: string): string {
  return model === undefined ? `imported ${day}` : `imported ${day} model ${model}`;
}
