package vault

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// passbolt fetches passwords by [folder/…]name. The keys of the values are the names without folders.
func passbolt(ctx context.Context, q *query) (Values, error) {
	if _, err := q.dialog(ctx, "verify"); err != nil {
		return nil, q.loginFailure("log in", err)
	}
	t := &passboltTree{q: q}
	if err := t.find(ctx, q.names()); err != nil {
		return nil, err
	}
	out, err := q.dialog(ctx, t.resources(q.names())...)
	if err != nil {
		return nil, q.failure("read "+strings.Join(q.names(), ", "), err)
	}
	var found []struct{ Name, Password string }
	if err := q.decode(out, &found); err != nil {
		return nil, err
	}
	var all Values
	for _, r := range found {
		all = all.with(r.Name, r.Password)
	}
	var names []string
	for _, name := range q.names() {
		_, last := passboltSplit(name)
		names = append(names, last)
	}
	return all, q.missing(names, all)
}

// passboltSplit splits a name from its folder, which may be "".
func passboltSplit(name string) (folder, last string) {
	at := strings.LastIndexByte(name, '/')
	return name[:max(at, 0)], name[at+1:]
}

type passboltFolder struct {
	ID       string
	Name     string
	ParentID string `json:"folder_parent_id"`
	path     string
}

// passboltTree holds the folders that have been found.
type passboltTree struct {
	q       *query
	folders []passboltFolder
}

func (t *passboltTree) at(path string) (passboltFolder, bool) {
	i := slices.IndexFunc(t.folders, func(f passboltFolder) bool { return f.path == path })
	if i < 0 {
		return passboltFolder{}, false
	}
	return t.folders[i], true
}

// find looks up the folders of the names: all top folders at once, then level by level.
func (t *passboltTree) find(ctx context.Context, names []string) error {
	var paths, tops, filters []string
	for _, name := range names {
		folder, _ := passboltSplit(name)
		if folder == "" || slices.Contains(paths, folder) {
			continue
		}
		paths = append(paths, folder)
		if top := parts(folder)[0]; !slices.Contains(tops, top) {
			tops = append(tops, top)
			filters = append(filters, "Name == "+strconv.Quote(top))
		}
	}
	if len(paths) == 0 {
		return nil
	}
	found, err := t.list(ctx, strings.Join(filters, " || "))
	if err != nil {
		return err
	}
	for _, top := range tops {
		t.add(top, found, "")
	}
	return t.descend(ctx, paths)
}

// descend looks up the folders below the top folders, and returns the paths that do not exist.
func (t *passboltTree) descend(ctx context.Context, paths []string) error {
	var lost []string
	for _, full := range paths {
		way := parts(full)
		for depth := 2; depth <= len(way); depth++ {
			if err := t.below(ctx, strings.Join(way[:depth-1], "/"), way[depth-1]); err != nil {
				return err
			}
		}
		if _, ok := t.at(full); !ok {
			lost = append(lost, full)
		}
	}
	if len(lost) > 0 {
		return t.q.failuref("there is no folder %s", strings.Join(lost, ", "))
	}
	return nil
}

// below looks up a folder in another one, if that exists.
func (t *passboltTree) below(ctx context.Context, parent, name string) error {
	if _, known := t.at(parent + "/" + name); known {
		return nil
	}
	p, ok := t.at(parent)
	if !ok {
		return nil
	}
	found, err := t.list(ctx, "Name == "+strconv.Quote(name)+" && FolderParentID == "+strconv.Quote(p.ID))
	if err == nil {
		t.add(parent+"/"+name, found, p.ID)
	}
	return err
}

// add records the folder of a path. A shared folder whose parent the user may not see counts as a top folder,
// unless there is a real top folder with its name.
func (t *passboltTree) add(full string, found []passboltFolder, parent string) {
	_, name := passboltSplit(full)
	named := slices.DeleteFunc(slices.Clone(found), func(f passboltFolder) bool { return f.Name != name })
	if len(named) == 0 {
		return
	}
	i := slices.IndexFunc(named, func(f passboltFolder) bool { return f.ParentID == parent })
	f := named[max(i, 0)]
	f.path = full
	t.folders = append(t.folders, f)
}

func (t *passboltTree) list(ctx context.Context, filter string) ([]passboltFolder, error) {
	out, err := t.q.dialog(ctx, "list", "folders", "--filter", filter, "--json")
	if err != nil {
		return nil, t.q.failure("list folders", err)
	}
	var found []passboltFolder
	err = t.q.decode(out, &found)
	return found, err
}

// resources returns the command that lists all names. With a filter for folders it would omit resources without a
// folder.
func (t *passboltTree) resources(names []string) []string {
	var filters, folders []string
	for _, f := range t.folders {
		folders = append(folders, "--folder", f.ID)
	}
	for _, name := range names {
		folder, last := passboltSplit(name)
		filter := "Name == " + strconv.Quote(last)
		if f, ok := t.at(folder); ok {
			filter = "(" + filter + " && FolderParentID == " + strconv.Quote(f.ID) + ")"
		} else {
			folders = nil
		}
		filters = append(filters, filter)
	}
	return slices.Concat([]string{"list", "resources", "--filter", strings.Join(filters, " || ")}, folders,
		[]string{"--column", "name", "--column", "password", "--json"})
}
