/** "Telegram" */
export function channelTitle(id: string): string {
  return id.slice(0, 1).toUpperCase() + id.slice(1);
}
