import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import { Icon, IconButton } from "./icon.tsx";
import { strings } from "./strings.ts";

/** Something that is read when the message is sent, named with its lines. */
export function ContextChip({ reference, onRemove }: { reference: ContextRef; onRemove: () => void }) {
  const { label, icon } = reference;
  return (
    <span class="chip" title={label}>
      <Icon name={icon} />
      <span class="chip-name">{withoutFolders(label)}</span>
      <IconButton icon="close" label={strings.removeAttachment(label)} onClick={onRemove} />
    </span>
  );
}

/** A narrow chip has room for the name and its lines; the whole is in its title. */
function withoutFolders(label: string): string {
  return label.replace(/[^ /]+\/(?=[^ /])/g, "");
}
