import type { Attachment } from "../../src/protocol/message.ts";
import { Icon, IconButton } from "./icon.tsx";
import { strings } from "./strings.ts";

/** An attached file or image; with `onRemove`, one that can be taken off again. */
export function AttachmentChip(props: { attachment: Attachment; warning?: string; onRemove?: () => void }) {
  const { attachment, warning, onRemove } = props;
  const source = toImageSource(attachment);
  return (
    <span class={`chip ${warning ? "warning" : ""}`} title={warning ?? attachment.name}>
      {source ? <img class="chip-image" src={source} alt="" /> : <Icon name={warning ? "warning" : "file"} />}
      <span class="chip-name">{attachment.name}</span>
      {warning && <span class="sr-only">{warning}</span>}
      {onRemove && <IconButton icon="close" label={strings.removeAttachment(attachment.name)} onClick={onRemove} />}
    </span>
  );
}

/** A data address for the image types a page may show; undefined for anything else. */
export function toImageSource({ mediaType, data }: Attachment): string | undefined {
  if (!/^image\/(?:png|jpeg|gif|webp)$/.test(mediaType)) return undefined;
  return `data:${mediaType};base64,${data}`;
}
