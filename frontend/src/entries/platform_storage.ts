// What a frame without cookies needs: the platform's own storage, reached by messages.
// Source of the messages: 1EdTech LTI Client Side postMessages 0.1 and LTI OIDC Login with Client Side postMessages 0.1.

const WAIT = 2000; // milliseconds; a platform that does not answer is gone on without

type Answer = { subject?: string; message_id?: string; key?: string; value?: string };

function storageFrame(name: string): Window {
  const home = (window.opener as Window | null) ?? window.parent;
  if (name === "_parent" || name === "") return home;
  try {
    return (home.frames as unknown as Record<string, Window | undefined>)[name] ?? home;
  } catch {
    return home; // a frame of another site whose names cannot be seen
  }
}

function ask(element: HTMLElement, message: Record<string, string>): Promise<Answer | null> {
  const id = crypto.randomUUID();
  const wanted = `${message.subject}.response`;
  return new Promise((resolve) => {
    const done = (answer: Answer | null): void => {
      window.removeEventListener("message", listen);
      resolve(answer);
    };
    const listen = (event: MessageEvent): void => {
      const data = event.data as Answer | null;
      if (typeof data !== "object" || data === null || data.message_id !== id || data.subject !== wanted) return;
      if (event.origin === element.dataset.origin) done(data);
    };
    window.addEventListener("message", listen);
    window.setTimeout(() => done(null), WAIT);
    const frame = storageFrame(element.dataset.frame ?? "");
    frame.postMessage({ ...message, message_id: id }, element.dataset.origin ?? "/");
  });
}

async function put(element: HTMLElement): Promise<void> {
  await ask(element, { subject: "lti.put_data", key: element.dataset.key ?? "", value: element.dataset.value ?? "" });
  window.location.assign(element.dataset.next ?? "/");
}

async function get(form: HTMLFormElement): Promise<void> {
  const answer = await ask(form, { subject: "lti.get_data", key: form.dataset.key ?? "" });
  const field = form.elements.namedItem("browser_secret");
  if (field instanceof HTMLInputElement) field.value = typeof answer?.value === "string" ? answer.value : "";
  form.submit();
}

const element = document.querySelector<HTMLElement>("[data-platform-storage]");
if (element instanceof HTMLFormElement) void get(element);
else if (element) void put(element);
document.querySelector<HTMLFormElement>("[data-send-at-once]")?.submit();

export {}; // a module: its names are its own
