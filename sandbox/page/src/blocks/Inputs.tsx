import { useRef, useState, type ChangeEvent, type KeyboardEvent, type ReactNode } from "react";
import { asBase64 } from "../api";
import { useNames } from "../text/names";
import { plain } from "../text/TextObject";
import { fromUnix, toUnix } from "../text/zones";
import type { Json } from "../types";
import { useSurface } from "./surface";
import type { ElementProps } from "./Element";

const HTML_TYPES: Record<string, string> = { email_text_input: "email", url_text_input: "url", number_input: "text" };

function dispatchesOn(block: Json, element: Json, trigger: string): boolean {
  if (!block.dispatch_action) return false;
  const config = element.dispatch_action_config?.trigger_actions_on as string[] | undefined;
  return (config ?? ["on_enter_pressed"]).includes(trigger);
}

export function TextInput({ element, block, field }: ElementProps): ReactNode {
  const surface = useSurface();
  const type = element.type as string;
  const many = type === "rich_text_input" || Boolean(element.multiline);
  const value = String(surface.valueOf(block, element).value ?? "");
  const onChange = (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    const state = { type, value: event.target.value };
    surface.change(block, element, state);
    if (dispatchesOn(block, element, "on_character_entered")) void surface.pick(block, element, state);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || many || !dispatchesOn(block, element, "on_enter_pressed")) return;
    event.preventDefault();
    void surface.pick(block, element, { type, value });
  };
  const shared = {
    id: field.id,
    value,
    onChange,
    onKeyDown,
    placeholder: plain(element.placeholder),
    "aria-invalid": field.invalid || undefined,
    "aria-describedby": field.describedBy,
    "aria-label": field.labelled ? undefined : plain(element.placeholder) || "Text",
    "aria-required": field.required || undefined,
    autoFocus: Boolean(element.focus_on_load),
    className: "text",
  };
  const left = element.max_length ? element.max_length - value.length : null;
  return (
    <div className="text-wrap">
      {many ? <textarea {...shared} rows={4} /> : (
        <input {...shared} type={HTML_TYPES[type] ?? "text"} inputMode={type === "number_input" ? "decimal" : undefined} autoComplete="off" />
      )}
      {left !== null && left < 50 && <span className={left < 0 ? "letters-left letters-over" : "letters-left"}>{left}</span>}
    </div>
  );
}

function useStore({ element, block, mode }: ElementProps): [Json, (state: Json) => void] {
  const surface = useSurface();
  const state = surface.valueOf(block, element);
  const set = (next: Json) => {
    if (mode === "action" || block.dispatch_action) void surface.pick(block, element, next);
    else surface.change(block, element, next);
  };
  return [state, set];
}

export function DateInput(props: ElementProps): ReactNode {
  const { element, field } = props;
  const [state, set] = useStore(props);
  const time = element.type === "timepicker";
  const key = time ? "selected_time" : "selected_date";
  return (
    <input
      id={field.id}
      className="text text-date"
      type={time ? "time" : "date"}
      value={String(state[key] ?? "")}
      aria-label={field.labelled ? undefined : plain(element.placeholder) || (time ? "Time" : "Date")}
      aria-invalid={field.invalid || undefined}
      aria-describedby={field.describedBy}
      onChange={(event) => {
        const value = event.target.value;
        // A year that is still being typed ("0002") is not a choice yet.
        if (!time && value && Number(value.slice(0, 4)) < 1900) return;
        set({ type: element.type, [key]: value || null });
      }}
    />
  );
}

export function DateTimeInput(props: ElementProps): ReactNode {
  const { element, field } = props;
  const { clock } = useNames();
  const [state, set] = useStore(props);
  const shown = fromUnix(state.selected_date_time, clock.tz);
  const [part, setPart] = useState(shown);
  const current = state.selected_date_time ? shown : part;
  const change = (next: { date: string; time: string }) => {
    setPart(next);
    const unix = toUnix(next.date, next.time, clock.tz);
    if (unix !== null || state.selected_date_time) set({ type: element.type, selected_date_time: unix });
  };
  const common = { className: "text text-date", "aria-invalid": field.invalid || undefined, "aria-describedby": field.describedBy };
  return (
    <div className="date-time" role="group" aria-label={`Date and time in ${clock.tz}`}>
      <input {...common} id={field.id} type="date" aria-label="Date" value={current.date} onChange={(e) => change({ ...current, date: e.target.value })} />
      <input {...common} type="time" aria-label="Time" value={current.time} onChange={(e) => change({ ...current, time: e.target.value })} />
      <span className="faint">{clock.tz}</span>
    </div>
  );
}

export function ChoiceBoxes(props: ElementProps): ReactNode {
  const { element, field } = props;
  const [state, set] = useStore(props);
  const several = element.type === "checkboxes";
  const chosen = several ? ((state.selected_options ?? []) as Json[]) : state.selected_option ? [state.selected_option as Json] : [];
  const toggle = (option: Json, on: boolean) => {
    if (!several) return set({ type: element.type, selected_option: option });
    const rest = chosen.filter((o) => o.value !== option.value);
    return set({ type: element.type, selected_options: on ? [...rest, option] : rest });
  };
  return (
    <div className="boxes" role={several ? "group" : "radiogroup"} aria-labelledby={field.labelled ? `${field.id}-label` : undefined} aria-describedby={field.describedBy}>
      {((element.options ?? []) as Json[]).map((option, n) => (
        <label key={String(option.value)} className="box">
          <input
            id={n === 0 ? field.id : undefined}
            type={several ? "checkbox" : "radio"}
            name={several ? undefined : field.id}
            checked={chosen.some((o) => o.value === option.value)}
            onChange={(event) => toggle(option, event.target.checked)}
          />
          <span>
            <OptionText text={option.text} />
            {option.description && <small><OptionText text={option.description} /></small>}
          </span>
        </label>
      ))}
    </div>
  );
}

function OptionText({ text }: { text: Json }): ReactNode {
  return <span>{plain({ ...text, text: text.type === "mrkdwn" ? String(text.text).replace(/[*_~`]/g, "") : text.text })}</span>;
}

export function FileInput({ element, block, field }: ElementProps): ReactNode {
  const surface = useSurface();
  const input = useRef<HTMLInputElement>(null);
  const files = (surface.valueOf(block, element).files ?? []) as Json[];
  const store = (next: Json[]) => surface.change(block, element, { type: "file_input", files: next });
  const add = async (list: FileList | null) => {
    const picked = await Promise.all([...(list ?? [])].map(async (file) => ({ name: file.name, base64: await asBase64(file) })));
    store([...files, ...picked].slice(0, element.max_files ?? 10));
    if (input.current) input.current.value = "";
  };
  const accept = ((element.filetypes ?? []) as string[]).map((type) => `.${type}`).join(",");
  return (
    <div className="file-input">
      <ul className="chips" aria-label="Chosen files">
        {files.map((file, n) => (
          <li key={`${file.name}-${n}`} className="chip">
            {String(file.name)}
            <button type="button" aria-label={`Remove ${file.name}`} onClick={() => store(files.filter((_, at) => at !== n))}>×</button>
          </li>
        ))}
      </ul>
      <input
        ref={input}
        id={field.id}
        type="file"
        multiple={(element.max_files ?? 10) > 1}
        accept={accept || undefined}
        aria-invalid={field.invalid || undefined}
        aria-describedby={field.describedBy}
        onChange={(event) => void add(event.target.files)}
      />
    </div>
  );
}
