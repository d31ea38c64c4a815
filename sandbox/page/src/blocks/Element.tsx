import { useRef, useState, type ReactNode } from "react";
import { safeImage } from "../text/links";
import { plain } from "../text/TextObject";
import type { Json } from "../types";
import { ChoiceBoxes, DateInput, DateTimeInput, FileInput, TextInput } from "./Inputs";
import { Popup, onMenuKeys } from "./Popup";
import { SelectElement } from "./Selects";
import { MULTI_SELECTS, SINGLE_SELECTS, TEXT_INPUTS } from "./state";
import { useSurface } from "./surface";
import { CannotShow } from "./Unknown";

/** How an element is tied to the label, hint and error around it. */
export interface Field {
  id: string;
  labelled: boolean;
  invalid: boolean;
  required: boolean;
  describedBy?: string;
}

export interface ElementProps {
  element: Json;
  block: Json;
  /** "input" elements wait for the submit; "action" ones are sent at once. */
  mode: "input" | "action";
  field: Field;
}

function ButtonElement({ element, block }: ElementProps): ReactNode {
  const surface = useSurface();
  const busy = surface.isBusy(block, element);
  const style = element.style === "primary" || element.style === "danger" ? ` button-${element.style}` : "";
  return (
    <button
      type="button"
      className={`button${style}`}
      data-action={element.action_id}
      aria-label={element.accessibility_label || undefined}
      aria-busy={busy}
      disabled={busy}
      onClick={() => void surface.press(block, element)}
    >
      {plain(element.text)}
      {element.url && <span aria-hidden="true"> ↗</span>}
    </button>
  );
}

function IconButton({ element, block, words, glyph }: ElementProps & { words: string; glyph: string }): ReactNode {
  const surface = useSurface();
  return (
    <button type="button" className="icon-button" aria-label={words} title={words} onClick={() => void surface.press(block, element)}>
      {glyph}
    </button>
  );
}

function OverflowMenu({ element, block }: ElementProps): ReactNode {
  const surface = useSurface();
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const choose = (option: Json) => {
    setOpen(false);
    trigger.current?.focus();
    void surface.pick(block, element, { type: "overflow", selected_option: option });
  };
  return (
    <>
      <button
        ref={trigger}
        type="button"
        className="button button-overflow"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label="More options"
        aria-busy={surface.isBusy(block, element)}
        disabled={surface.isBusy(block, element)}
        onClick={() => setOpen(!open)}
      >
        ⋯
      </button>
      {open && (
        <Popup anchor={trigger} onClose={() => setOpen(false)} className="menu" align="right">
          <div role="menu" onKeyDown={onMenuKeys}>
            {((element.options ?? []) as Json[]).map((option, n) => (
              <button key={String(option.value)} type="button" role="menuitem" autoFocus={n === 0} onClick={() => choose(option)}>
                {plain(option.text)}
              </button>
            ))}
          </div>
        </Popup>
      )}
    </>
  );
}

function ImageElement({ element }: { element: Json }): ReactNode {
  const src = imageSource(element);
  if (!src) return <CannotShow what="image" why="its address is not one to load" />;
  return <img className="accessory-image" src={src} alt={String(element.alt_text ?? "")} />;
}

/** Where a picture comes from: its own address, or the file that was uploaded to the local Slack. */
export function imageSource(source: Json): string | null {
  if (source.image_url) return safeImage(source.image_url);
  const file = source.slack_file as Json | undefined;
  if (file?.url) return safeImage(file.url);
  return file?.id ? safeImage(`/files/${encodeURIComponent(String(file.id))}/image`) : null;
}

function Feedback(props: ElementProps): ReactNode {
  const surface = useSurface();
  const choose = (button: Json) => () => void surface.pick(props.block, props.element, { type: "feedback_buttons", selected_option: button });
  return (
    <>
      {(["positive_button", "negative_button"] as const).map((key, n) => (
        <button key={key} type="button" className="icon-button" aria-label={plain(props.element[key]?.text)} title={plain(props.element[key]?.text)} onClick={choose(props.element[key])}>
          {n === 0 ? "👍" : "👎"}
        </button>
      ))}
    </>
  );
}

export function ElementView(props: ElementProps): ReactNode {
  const type = props.element?.type as string;
  if (type === "button" || type === "workflow_button") return <ButtonElement {...props} />;
  if (type === "overflow") return <OverflowMenu {...props} />;
  if (type === "image") return <ImageElement element={props.element} />;
  if (SINGLE_SELECTS.includes(type) || MULTI_SELECTS.includes(type)) return <SelectElement {...props} />;
  if (type === "checkboxes" || type === "radio_buttons") return <ChoiceBoxes {...props} />;
  if (type === "datepicker" || type === "timepicker") return <DateInput {...props} />;
  if (type === "datetimepicker") return <DateTimeInput {...props} />;
  if (TEXT_INPUTS.includes(type)) return <TextInput {...props} />;
  if (type === "file_input") return <FileInput {...props} />;
  if (type === "feedback_buttons") return <Feedback {...props} />;
  if (type === "icon_button") return <IconButton {...props} words={plain(props.element.text) || "Button"} glyph={props.element.icon === "trash" ? "🗑" : "•"} />;
  return <CannotShow what={`element ${String(type)}`} />;
}

/** An element outside an input block: it has no label of its own and acts at once. */
export function ActionElement({ element, block }: { element: Json; block: Json }): ReactNode {
  const surface = useSurface();
  const id = `${surface.id}-${block.block_id ?? ""}-${element?.action_id ?? ""}`;
  return <ElementView element={element} block={block} mode="action" field={{ id, labelled: false, invalid: false, required: false }} />;
}
