// Command release makes what a release of mrsk consists of. It publishes nothing.
//
//	go run ./release man DIR                  manual pages
//	go run ./release build DIR VERSION URL    programs, packages, checksums and the installer; URL is where DIR will be
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"mrsk/internal/cli"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 2 && args[0] == "man":
		return writeMan(args[1])
	case len(args) == 4 && args[0] == "build":
		return release{dir: args[1], version: args[2], url: args[3]}.make(ctx)
	}
	return errors.New("usage: release man DIR, or release build DIR VERSION URL")
}

// writeMan writes the manual pages into dir.
func writeMan(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, page := range cli.ManPages() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(page), 0o644); err != nil {
			return err
		}
	}
	return nil
}
