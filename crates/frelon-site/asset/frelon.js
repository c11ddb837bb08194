// Keyboard shortcuts, an extra: everything here can be done without it.
(function () {
  "use strict";
  var row = -1;

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll("[data-row]"));
  }

  function step(by) {
    var all = rows();
    if (!all.length) { return false; }
    row = Math.max(0, Math.min(all.length - 1, row + by));
    all.forEach(function (one, index) { one.classList.toggle("is-current", index === row); });
    var link = all[row].querySelector("a");
    if (link) { link.focus(); }
    all[row].scrollIntoView({ block: "nearest" });
    return true;
  }

  function follow(selector) {
    var link = document.querySelector(selector);
    if (!link) { return false; }
    window.location.href = link.href;
    return true;
  }

  function toggleHelp() {
    var box = document.getElementById("keys");
    if (!box || typeof box.showModal !== "function") { return false; }
    if (box.open) { box.close(); } else { box.showModal(); }
    return true;
  }

  function focusSearch() {
    var boxes = document.querySelectorAll("input[type=search]");
    var box = boxes[boxes.length - 1];
    if (!box) { return false; }
    box.focus();
    box.select();
    return true;
  }

  var actions = {
    j: function () { return step(1); },
    k: function () { return step(-1); },
    n: function () { return follow("link[rel=next]"); },
    p: function () { return follow("link[rel=prev]"); },
    u: function () { return follow("[data-up]"); },
    o: function () {
      var all = rows();
      var link = row >= 0 && all[row] && all[row].querySelector("a");
      if (link) { window.location.href = link.href; }
      return Boolean(link);
    },
    "/": focusSearch,
    "?": toggleHelp
  };

  document.addEventListener("keydown", function (event) {
    var at = event.target;
    var typing = at.isContentEditable || /^(input|textarea|select)$/i.test(at.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) { return; }
    var action = actions[event.key];
    if (action && action()) { event.preventDefault(); }
  });

  // A click on "copy" puts the text of the element it names on the clipboard.
  Array.prototype.forEach.call(document.querySelectorAll("button[data-copy]"), function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      var source = document.getElementById(button.getAttribute("data-copy"));
      navigator.clipboard.writeText(source.textContent.trim()).then(function () {
        button.textContent = button.getAttribute("data-done");
      });
    });
  });
}());
