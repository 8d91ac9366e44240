package lab

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
)

// Build makes a program of this module, such as "cmd/mrsk", as a static binary in dir and returns
// its path. What the compiler says goes to log.
func Build(ctx context.Context, dir, program string, log io.Writer) (string, error) {
	binary := filepath.Join(dir, path.Base(program))
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "mrsk/"+program)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = log, log
	return binary, cmd.Run()
}
