/** Names what a token has used on a day (UTC), as in "2026-11-26". */
export function tokenDay(token: string, day: string): string {
  return `token ${token} ${day}`;
}
