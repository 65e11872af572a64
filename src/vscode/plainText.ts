/** Text for a notification, where `[x](command:y)` would be a link to press. */
export function withoutLinks(text: string): string {
  return text.replaceAll("](", "] (");
}

/** Text for a pick list, where `$(x)` would be an icon. */
export function withoutIcons(text: string): string {
  return text.replaceAll("$(", "\\$(");
}
