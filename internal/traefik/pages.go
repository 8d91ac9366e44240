package traefik

import (
	"crypto/sha256"
	"encoding/hex"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Files brings what the route stands on into the proxy's volume.
func (r Route) Files(h facts.Host) []plan.Step {
	return append(r.Certificate(), r.Page(h)...)
}

// page is the name of the file with the app's own page, "" without one. As that of a certificate
// it changes with the content, and takes part in the undo of the route.
func (r Route) page() string {
	text := r.Config.ErrorPages.Unavailable
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return "pages/" + base(r.Config, r.Role.Name) + separator + hex.EncodeToString(sum[:6]) + ".html"
}

// pageMiddleware names the page in a route file, for the day of a maintenance: it is that of the
// version which serves, whatever lies in the checkout by then.
func pageMiddleware(file string) middleware {
	return middleware{Plugin: &plugin{Page: page{File: file}}}
}

// pageFile is the file that a route names, "" where it names none.
func pageFile(f file) string {
	for _, m := range f.HTTP.Middlewares {
		if m.Plugin != nil {
			return m.Plugin.Page.File
		}
	}
	return ""
}

// Page brings the app's own page, unless the route that is there has it already.
func (r Route) Page(h facts.Host) []plan.Step {
	if r.page() == "" || r.pageOn(h) == "/mrsk/"+r.page() {
		return nil
	}
	put := shell.Cmd("printf", "%s", r.Config.ErrorPages.Unavailable).Pipe(shell.Cmd("into_proxy", "store", r.page()))
	return []plan.Step{{
		Name:  "bring the page of role " + r.Role.Name,
		Cause: "error_pages_path has one for a maintenance",
		Run:   put,
		Role:  r.Role.Name, Private: true,
	}}
}

// pageOn is the file that the route on the host names.
func (r Route) pageOn(h facts.Host) string {
	content, _ := h.Route(File(r.Config, r.Role.Name))
	f, _ := decode(content) // of a file of other hands nothing is known
	return pageFile(f)
}

// Sweep removes the pages of earlier versions, once no undo can need them any more.
func (r Route) Sweep(h facts.Host) []plan.Step {
	before := r.pageOn(h)
	if before == "" || before == "/mrsk/"+r.page() {
		return nil
	}
	return []plan.Step{{
		Name:  "remove earlier pages of role " + r.Role.Name,
		Cause: "they were those of earlier versions",
		Run:   shell.Cmd("in_proxy", "sweep", pages(r.Config, r.Role.Name), r.page()),
		Role:  r.Role.Name, Tolerated: true, Private: true,
	}}
}

// pages is the pattern of all pages of a role.
func pages(c *config.Config, role string) string {
	return "pages/" + base(c, role) + separator + "????????????.html"
}
