// The filter of the list of documents by how they stand. Without JavaScript all are listed in groups, with links to each.

const box = document.getElementById("standing-filter");
const groups = [...document.querySelectorAll("section[data-group]")];

if (box) {
  const select = document.getElementById("standing");
  const status = document.getElementById("standing-status");
  const wanted = new URLSearchParams(location.search).get("standing") ?? "";
  box.hidden = false;
  document.getElementById("standing-chips").hidden = true;
  if ([...select.options].some((option) => option.value === wanted)) {
    select.value = wanted;
  }
  select.addEventListener("change", () => {
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.delete("standing");
    if (select.value) {
      address.searchParams.set("standing", select.value);
    }
    history.replaceState(null, "", address);
    show(select.value, status);
  });
  show(select.value, status);
}

function show(value, status) {
  let count = 0;
  for (const group of groups) {
    group.hidden = value !== "" && group.dataset.group !== value;
    count += group.hidden ? 0 : group.querySelectorAll("li").length;
  }
  status.textContent = status.dataset.textShown.replace("{count}", String(count));
}
