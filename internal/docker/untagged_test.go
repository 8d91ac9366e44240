package docker

import (
	"os/exec"
	"strings"
	"testing"
)

// The old container of a version that was built anew runs on an image without a tag.
func TestRemoveUntagged_removes_only_what_no_container_uses(t *testing.T) {
	t.Parallel()
	const fake = `
docker() {
  case "$*" in
    'image ls --all --quiet --no-trunc --filter dangling=true --filter label=service=shop') echo used; echo unused; echo unknown; echo last ;;
    'ps --all --quiet --filter ancestor=used') echo container ;;
    'ps --all --quiet --filter ancestor=unknown') return 1 ;;
    'ps --all --quiet --filter ancestor='*) ;;
    'image rm unused') echo 'conflict' >&2; echo "tried unused"; return 1 ;;
    'image rm '*) echo "removed $3" ;;
    *) echo "docker $*" ;;
  esac
}
`
	program := Functions.Text() + fake + RemoveUntagged("shop").Wire().Reveal()
	out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", program).Output()
	if got, want := strings.Fields(string(out)), "tried unused removed last"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("%q, %v; want %s", got, err, want)
	}
}
