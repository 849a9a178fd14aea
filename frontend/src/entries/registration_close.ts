// The tool is registered: the platform is told to close the window or frame in which that was done.
// Source of the message: 1EdTech LTI Dynamic Registration 1.0, section 3.6.

const home = (window.opener as Window | null) ?? window.parent;
// To whatever site is there: the message holds nothing.
if (home !== window && document.querySelector("[data-registration-close]")) {
  home.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
}
