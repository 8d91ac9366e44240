package hook

import (
	"os"
	"path/filepath"
	"strings"
)

// Folders are the folders that are searched for hooks.
type Folders struct {
	Project   string // the folder that mrsk was started in
	HooksPath string // hooks_path of the configuration, relative to Project or absolute
	Home      string // the user's home; "" searches only the project
}

// inOrder returns the folders with hooks. Hooks of the project take precedence over the user's.
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
	case f.OfKamal():
		return filepath.Join(f.Project, ".kamal", "hooks")
	}
	return filepath.Join(f.Project, ".mrsk", "hooks")
}

// OfKamal reports whether the project is one of Kamal: it has a .kamal folder and no .mrsk folder. Its
// hooks are in .kamal/hooks, and get their variables also under KAMAL_ names.
func (f Folders) OfKamal() bool {
	return !exists(filepath.Join(f.Project, ".mrsk")) && exists(filepath.Join(f.Project, ".kamal"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// otherNames are second names for the file of a hook. The folder counts more than the name: post-deploy
// of the project comes before post-rollback of the user.
var otherNames = map[string]string{
	PreProxyReboot:  "pre-traefik-reboot",
	PostProxyReboot: "post-traefik-reboot",
	PostRollback:    PostDeploy,
}

// Find returns the path of the file for the hook, "" if there is none.
func (f Folders) Find(name string) string {
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

// shown returns path for display: relative to the project, or with ~ for the home.
func (f Folders) shown(path string) string {
	if rel, err := filepath.Rel(f.Project, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	if rel, err := filepath.Rel(f.Home, path); err == nil && f.Home != "" && !strings.HasPrefix(rel, "..") {
		return "~/" + rel
	}
	return path
}
