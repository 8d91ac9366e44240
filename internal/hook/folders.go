package hook

import (
	"os"
	"path/filepath"
	"strings"
)

// Folders says where to look for hooks.
type Folders struct {
	Project   string // the directory that mrsk was started in
	HooksPath string // hooks_path of the configuration, relative to Project or absolute
	Home      string // the user's home; "" looks nowhere else than in the project
}

// inOrder returns the hooks folders, the project's first: its own hooks win over the user's.
func (f Folders) inOrder() []string {
	folders := []string{f.projects()}
	if f.Home != "" {
		folders = append(folders, filepath.Join(f.Home, ".mrsk", "hooks"))
	}
	return folders
}

func (f Folders) projects() string {
	switch {
	case filepath.IsAbs(f.HooksPath):
		return f.HooksPath
	case f.HooksPath != "":
		return filepath.Join(f.Project, f.HooksPath)
	case f.Reference():
		return filepath.Join(f.Project, ".kamal", "hooks")
	}
	return filepath.Join(f.Project, ".mrsk", "hooks")
}

// Reference reports whether the project is one of the reference tool, with a .kamal folder and
// no .mrsk folder: its hooks are found there and get the KAMAL_* names as well.
func (f Folders) Reference() bool {
	return !exists(filepath.Join(f.Project, ".mrsk")) && exists(filepath.Join(f.Project, ".kamal"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// otherNames are what a hook's file may be called as well. The project's post-deploy comes
// before the user's post-rollback: the folder weighs more than the name.
var otherNames = map[string]string{
	PreProxyReboot:  "pre-traefik-reboot",
	PostProxyReboot: "post-traefik-reboot",
	PostRollback:    PostDeploy,
}

// find returns the path of the file that serves the hook name, or "".
func (f Folders) find(name string) string {
	for _, folder := range f.inOrder() {
		for _, candidate := range []string{name, otherNames[name]} {
			path := filepath.Join(folder, candidate)
			if info, err := os.Stat(path); candidate != "" && err == nil && info.Mode().IsRegular() {
				return path
			}
		}
	}
	return ""
}

// shown is path as the user would write it.
func (f Folders) shown(path string) string {
	if rel, err := filepath.Rel(f.Project, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	if rel, err := filepath.Rel(f.Home, path); err == nil && f.Home != "" && !strings.HasPrefix(rel, "..") {
		return "~/" + rel
	}
	return path
}
