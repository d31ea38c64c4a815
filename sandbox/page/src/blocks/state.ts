import type { FileUpload, Json } from "../types";

export const SINGLE_SELECTS = ["static_select", "external_select", "users_select", "conversations_select", "channels_select"];
export const MULTI_SELECTS = SINGLE_SELECTS.map((type) => `multi_${type}`);
export const TEXT_INPUTS = ["plain_text_input", "rich_text_input", "email_text_input", "url_text_input", "number_input"];

/** The element's value before anyone touched it, in the shape of Slack's view state. */
export function initialState(element: Json): Json {
  const type = element.type as string;
  if (type === "static_select" || type === "external_select" || type === "radio_buttons") {
    return { type, selected_option: element.initial_option ?? null };
  }
  if (type === "multi_static_select" || type === "multi_external_select" || type === "checkboxes") {
    return { type, selected_options: element.initial_options ?? [] };
  }
  if (type === "users_select") return { type, selected_user: element.initial_user ?? null };
  if (type === "multi_users_select") return { type, selected_users: element.initial_users ?? [] };
  if (type === "conversations_select") return { type, selected_conversation: element.initial_conversation ?? null };
  if (type === "multi_conversations_select") return { type, selected_conversations: element.initial_conversations ?? [] };
  if (type === "channels_select") return { type, selected_channel: element.initial_channel ?? null };
  if (type === "multi_channels_select") return { type, selected_channels: element.initial_channels ?? [] };
  if (type === "datepicker") return { type, selected_date: element.initial_date ?? null };
  if (type === "timepicker") return { type, selected_time: element.initial_time ?? null };
  if (type === "datetimepicker") return { type, selected_date_time: element.initial_date_time ?? null };
  if (type === "file_input") return { type, files: [] };
  if (type === "rich_text_input") return { type, value: richTextWords(element.initial_value) };
  return { type, value: element.initial_value ?? null };
}

/** The words of a rich text value; the page edits rich text as plain words. */
export function richTextWords(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!value || typeof value !== "object") return null;
  const node = value as Json;
  if (typeof node.text === "string") return node.text;
  if (!Array.isArray(node.elements)) return "";
  const joint = node.type === "rich_text" || node.type === "rich_text_list" ? "\n" : "";
  return node.elements.map((child: Json) => richTextWords(child) ?? "").join(joint);
}

/** What the server keeps, made comparable with what the page keeps. */
export function fromServer(state: Json, element: Json): Json {
  if (element.type !== "rich_text_input") return state;
  return { type: element.type, value: richTextWords(state.rich_text_value ?? state.value) };
}

/** The bare value of a state: what the control API takes in `values`. */
export function bareValue(state: Json): unknown {
  // The app is asked again for what was chosen from its own search: by the words people see, which it can find.
  const name = (o: Json) => (String(state.type).endsWith("external_select") ? o.text?.text : o.value);
  if ("selected_option" in state) return state.selected_option ? name(state.selected_option) : null;
  if ("selected_options" in state) return (state.selected_options ?? []).map(name);
  for (const key of ["user", "conversation", "channel", "date", "time", "date_time"]) {
    if (`selected_${key}` in state) return state[`selected_${key}`] ?? null;
  }
  for (const key of ["users", "conversations", "channels"]) {
    if (`selected_${key}` in state) return state[`selected_${key}`] ?? [];
  }
  if ("files" in state) return (state.files ?? []) as FileUpload[];
  return state.value ?? null;
}

export function isEmpty(state: Json): boolean {
  const value = bareValue(state);
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** The part of a `pick` that says what was picked. */
export function pickBody(state: Json): Json {
  const type = String(state.type);
  const value = bareValue(state);
  if (Array.isArray(value)) return { options: value };
  if (type === "users_select") return { user: value };
  if (type === "conversations_select" || type === "channels_select") return { channel_id: value };
  if (type === "datepicker") return { date: value };
  if (type === "timepicker") return { time: value };
  if (type === "datetimepicker") return { datetime: value };
  if (TEXT_INPUTS.includes(type)) return { text: value ?? "" };
  return { option: value };
}

const PLEASE = "Please complete this required field.";

/** What Slack's own client says before it asks the app: required fields and the form of addresses and numbers. */
export function fieldErrors(blocks: Json[], valueOf: (block: Json) => Json): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of blocks) {
    if (block.type !== "input") continue;
    const error = fieldError(block, valueOf(block));
    if (error) errors[block.block_id] = error;
  }
  return errors;
}

function fieldError(block: Json, state: Json): string | null {
  if (isEmpty(state)) return block.optional ? null : PLEASE;
  const element = block.element as Json;
  const value = String(bareValue(state));
  if (element.type === "email_text_input" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return "Please enter a valid email address.";
  if (element.type === "url_text_input" && !/^https?:\/\/\S+\.\S+/.test(value)) return "Please enter a valid URL.";
  if (element.type === "number_input") return numberError(element, value);
  if (element.min_length && value.length < element.min_length) return `Please enter at least ${element.min_length} characters.`;
  if (element.max_length && value.length > element.max_length) return `Please enter at most ${element.max_length} characters.`;
  return null;
}

function numberError(element: Json, value: string): string | null {
  const number = Number(value);
  if (!element.is_decimal_allowed && !Number.isInteger(number)) return "Please enter a whole number.";
  if (!Number.isFinite(number)) return "Please enter a number.";
  if (element.min_value !== undefined && number < Number(element.min_value)) return `Please enter a number of at least ${element.min_value}.`;
  if (element.max_value !== undefined && number > Number(element.max_value)) return `Please enter a number of at most ${element.max_value}.`;
  return null;
}
