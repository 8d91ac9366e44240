package lock

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// shared makes Docker that of a group which the user of the test is in.
func (h host) shared(group int) {
	h.t.Helper()
	socket := filepath.Join(h.dir, "socket")
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Chown(socket, -1, group); err != nil {
		h.t.Fatal(err)
	}
}

func (h host) locks() string { return filepath.Join(h.dir, fmt.Sprintf("mrsk-%d", os.Getuid())) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Another user of the host may put anything in the place of the locks before they are made.
func TestLocks_are_refused_where_another_user_could_have_made_them(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(t *testing.T, locks, elsewhere string){
		"a link to a folder": func(t *testing.T, locks, elsewhere string) { must(t, os.Symlink(elsewhere, locks)) },
		"a link to nothing":  func(t *testing.T, locks, elsewhere string) { must(t, os.Symlink(elsewhere+"/new", locks)) },
		"a pipe":             func(t *testing.T, locks, _ string) { must(t, syscall.Mkfifo(locks, 0o666)) },
		"a file":             func(t *testing.T, locks, _ string) { must(t, os.WriteFile(locks, nil, 0o666)) },
		"a folder for everybody": func(t *testing.T, locks, _ string) {
			must(t, os.Mkdir(locks, 0o700))
			must(t, os.Chmod(locks, 0o777|os.ModeSticky))
		},
		"a folder for a group": func(t *testing.T, locks, _ string) {
			must(t, os.Mkdir(locks, 0o700))
			must(t, os.Chmod(locks, 0o770))
		},
		"a folder of another user": func(t *testing.T, locks, _ string) {
			if os.Getuid() != 0 {
				t.Skip("only root can give files away")
			}
			must(t, os.Mkdir(locks, 0o700))
			must(t, os.Chown(locks, 65534, os.Getgid()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, elsewhere := newHost(t), t.TempDir()
			plant(t, h.locks(), elsewhere)
			for _, line := range []string{take(mine), "work '' 1", "lock_facts", "host_lock"} {
				out, status := h.run(line)
				if status == 0 || !strings.HasPrefix(out, "cannot use "+h.locks()+" for locks: it must be a directory that only users of Docker can write to, and is: ") {
					t.Errorf("%s: %d, %s", line, status, out)
				}
			}
			if made, err := os.ReadDir(elsewhere); err != nil || len(made) > 0 {
				t.Errorf("%v, made %v", err, made)
			}
		})
	}
}

func TestLocks_are_for_the_user_alone_where_Docker_is(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.hold(take(mine))
	for path, want := range map[string]os.FileMode{"": 0o700 | os.ModeDir, "/shop.lease": 0o660, "/shop.lease.record": 0o640} {
		if info, err := os.Stat(h.locks() + path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, err, info.Mode())
		}
	}
}

// Users of one Docker exclude each other, whoever came first.
func TestLocks_are_shared_by_the_users_of_Docker(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be another user")
	}
	const group = 34567
	h := newHost(t)
	must(t, os.Chmod(filepath.Dir(h.dir), 0o755))
	must(t, os.Chmod(h.dir, 0o777|os.ModeSticky))
	h.shared(group)
	as := func(user uint32, groups []uint32, text string) (string, error) {
		cmd := h.command(text)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user, Groups: groups}}
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	if out, err := as(34001, []uint32{group}, take(mine)); err != nil {
		t.Fatalf("the first user: %v, %s", err, out)
	}
	info, err := os.Stat(filepath.Join(h.dir, "mrsk"))
	must(t, err)
	if info.Mode() != 0o770|os.ModeDir|os.ModeSetgid || info.Sys().(*syscall.Stat_t).Gid != group {
		t.Errorf("the folder is %v of group %d", info.Mode(), info.Sys().(*syscall.Stat_t).Gid)
	}
	h.hold(take(other)) // root
	if out, err := as(34001, []uint32{group}, take(mine)); err == nil || out != other {
		t.Errorf("the first user again: %v, %s", err, out)
	}
	if out, err := as(34002, []uint32{group}, "lock_facts"); err != nil || out != other+"\n--" {
		t.Errorf("a second user: %v, %s", err, out)
	}
	outsider := exec.CommandContext(t.Context(), "sh", "-c", "cat "+h.dir+"/mrsk/shop.lease.record; flock -n "+h.dir+"/mrsk/shop.work true")
	outsider.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 34003, Gid: 34003}}
	if out, err := outsider.CombinedOutput(); err == nil || strings.Contains(string(out), "bob") {
		t.Errorf("another user reads or holds locks: %v, %s", err, out)
	}
}
