package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// release is the Debian that hosts run: the first with the engine and the
// registry that the lab wants in its own archive.
const release = "trixie"

// makeBase takes Debian's image where it can be pulled, else bootstraps the
// same from Debian's archive.
func makeBase(ctx context.Context, tag string, log io.Writer) error {
	if pull(ctx, "debian:"+release+"-slim", tag) {
		return nil
	}
	fmt.Fprintln(log, "lab: no image can be pulled: bootstrapping Debian from its packages")
	if err := needBootstrap(ctx); err != nil {
		return err
	}
	parent, err := os.MkdirTemp("", "mrsk-lab-base-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(parent)
	return bootstrap(ctx, tag, filepath.Join(parent, "root"))
}

func bootstrap(ctx context.Context, tag, root string) error {
	args := append([]string{"--variant=minbase", release, root}, mirror(ctx)...)
	if _, err := output(exec.CommandContext(ctx, "debootstrap", args...)); err != nil {
		return err
	}
	// How the machine reaches archives, so must the image.
	dump, err := output(exec.CommandContext(ctx, "apt-config", "dump"))
	if err != nil {
		return err
	}
	err = os.WriteFile(filepath.Join(root, "etc/apt/apt.conf.d/99machine"), []byte(aptProxy(dump)), 0o644)
	if err != nil {
		return err
	}
	source := exec.CommandContext(ctx, "tar", "-C", root, "--exclude=./var/cache/apt/archives/*.deb", "-c", ".")
	return importTree(ctx, source, tag, []string{`CMD ["bash"]`})
}

// needBootstrap fails unless debootstrap is installed and the user may run it.
func needBootstrap(ctx context.Context) error {
	if os.Getuid() != 0 {
		return errors.New("debian:" + release + "-slim cannot be pulled, and debootstrap needs root")
	}
	if _, err := exec.LookPath("debootstrap"); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("debian:" + release + "-slim cannot be pulled, and there is no debootstrap")
	}
	if _, err := output(exec.CommandContext(ctx, "apt-get", "update", "-q")); err != nil {
		return err
	}
	_, err := output(exec.CommandContext(ctx, "apt-get", "install", "-yq", "--no-install-recommends", "debootstrap"))
	return err
}

// mirror is the Debian archive that this machine uses already, if it uses one;
// else debootstrap knows where to ask.
func mirror(ctx context.Context) []string {
	sites, err := output(exec.CommandContext(ctx, "apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"))
	if err != nil {
		return nil
	}
	for site := range strings.FieldsSeq(sites) {
		if strings.HasSuffix(strings.TrimSuffix(site, "/"), "/debian") {
			return []string{site}
		}
	}
	return nil
}
