const TEXT_TYPES =
  /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript|x-javascript|ecmascript|typescript|x-typescript|toml|sql|graphql|x-sh|x-shellscript|x-ndjson|ndjson|jsonl|x-httpd-php|x-www-form-urlencoded|rtf)$|[\w.-]+\/[\w.-]+\+(?:json|xml|yaml)$)/;

/** A media type without its parameters, in lower case: "text/plain" of "Text/Plain; charset=utf-8". */
export function bareMediaType(mediaType: string): string {
  return mediaType.split(";", 1)[0]!.trim().toLowerCase();
}

/** Whether a file of this type is text, to be shown as it is. */
export function isTextType(mediaType: string): boolean {
  return TEXT_TYPES.test(bareMediaType(mediaType));
}
