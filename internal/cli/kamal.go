package cli

import (
	"os"
	"path/filepath"

	"mrsk/internal/hook"
	"mrsk/internal/shell"
)

// ofKamal reports whether the project is one of Kamal's.
func (in *invocation) ofKamal() bool { return hook.Folders{Project: in.sys.Dir}.Reference() }

// kamalForHooks makes kamal mean this very program in the hooks of a project of Kamal's. Another one
// would work on containers that it has not started, with secrets that it has left on the hosts.
func (in *invocation) kamalForHooks() ([]string, error) {
	if in.sys.Program == "" || !in.ofKamal() {
		return nil, nil
	}
	if in.kamal == "" {
		dir, err := os.MkdirTemp("", "mrsk-kamal-")
		if err != nil {
			return nil, err
		}
		in.kamal = dir
		program := "#!/bin/sh\nexec " + shell.Quote(in.sys.Program) + " \"$@\"\n"
		if err := os.WriteFile(filepath.Join(dir, "kamal"), []byte(program), 0o755); err != nil {
			return nil, err
		}
	}
	return []string{"PATH=" + in.kamal + string(filepath.ListSeparator) + in.sys.Getenv("PATH")}, nil
}
