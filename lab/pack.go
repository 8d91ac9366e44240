package lab

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// Small images are put together by a script in a container, as a tree in /out
// that becomes an image of one layer. So they need no base image of their own.
const (
	packBusybox = `mkdir -p /out/bin /out/etc /out/root /out/tmp /out/usr /out/var
chmod 1777 /out/tmp
cp /usr/bin/busybox /out/bin/busybox
for name in $(busybox --list); do [ "$name" = busybox ] || ln -s busybox "/out/bin/$name"; done
ln -s ../bin /out/usr/bin
echo 'root:x:0:0:root:/root:/bin/sh' > /out/etc/passwd
echo 'root:x:0:' > /out/etc/group
`
	packApp = packBusybox + `install -m 755 /lab.bin /out/bin/lab
`
)

var (
	busyboxChanges = []string{"ENV PATH=/bin", `CMD ["sh"]`}
	appChanges     = []string{"ENV PATH=/bin", "EXPOSE 80", `CMD ["/bin/lab","app"]`}
)

// A mount shows a file of this machine to the packing container.
type mount struct{ from, to string }

// pack runs the script in a container of image and imports the tree it made.
func pack(ctx context.Context, tag, image, script string, changes []string, mounts ...mount) error {
	args := []string{"run", "--rm"}
	for _, m := range mounts {
		args = append(args, "-v", m.from+":"+m.to+":ro")
	}
	args = append(args, image, "/bin/bash", "-ec", script+"tar -C /out -c .")
	return importTree(ctx, dockerCommand(ctx, args...), tag, changes)
}

// importTree makes an image of the tar stream that a command writes.
func importTree(ctx context.Context, source *exec.Cmd, tag string, changes []string) error {
	tree, err := source.StdoutPipe()
	if err != nil {
		return err
	}
	said := &limited{}
	source.Stderr = said
	if err := source.Start(); err != nil {
		return err
	}
	args := []string{"import"}
	for _, change := range changes {
		args = append(args, "-c", change)
	}
	sink := dockerCommand(ctx, append(args, "-", tag)...)
	sink.Stdin = tree
	_, imported := output(sink)
	if err := source.Wait(); err != nil {
		// The half of an image must not stand for the whole.
		_, _ = docker(ctx, "rmi", tag)
		return fmt.Errorf("%s: %w%s", brief(source.Args), err, tail(said.String()))
	}
	return imported
}

// limited keeps the first part of what a program says.
type limited struct{ text []byte }

// Write takes all and keeps some.
func (l *limited) Write(p []byte) (int, error) {
	if room := 8<<10 - len(l.text); room > 0 {
		l.text = append(l.text, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (l *limited) String() string { return string(l.text) }

// pullTimeout is short: where there is no registry the answer is no anyway.
const pullTimeout = 90 * time.Second

// pull pulls an image under the lab's own tag, if it is available.
func pull(ctx context.Context, image, tag string) bool {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	if _, err := docker(ctx, "pull", "-q", image); err != nil {
		return false
	}
	_, err := docker(ctx, "tag", image, tag)
	return err == nil
}
