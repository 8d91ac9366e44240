package cli

import (
	"os"
	"path/filepath"

	"mrsk/internal/shell"
)

// kamalForHooks makes kamal mean this very program in the hooks of a project of Kamal's. Another one
// would work on containers that it has not started, with secrets that it has left on the hosts.
func (o *opener) kamalForHooks() ([]string, error) {
	if o.sys.Program == "" || !o.loader.ofKamal() {
		return nil, nil
	}
	if o.kamal == "" {
		dir, err := os.MkdirTemp("", "mrsk-kamal-")
		if err != nil {
			return nil, err
		}
		o.kamal = dir
		program := "#!/bin/sh\nexec " + shell.Quote(o.sys.Program) + " \"$@\"\n"
		if err := os.WriteFile(filepath.Join(dir, "kamal"), []byte(program), 0o755); err != nil {
			return nil, err
		}
	}
	return []string{"PATH=" + o.kamal + string(filepath.ListSeparator) + o.sys.Getenv("PATH")}, nil
}
