package workflow

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/testfleet"
)

// sharing is a run on vm1, which gets the certificate, and vm2, which receives it.
func sharing(t *testing.T) (Env, *testfleet.Fleet) {
	t.Helper()
	f := testfleet.NewWithDocker(t, "vm1", "vm2")
	scope := scopeOf(t, "service: sharing\nimage: shop\nservers: [vm1, vm2]\nregistry: {server: registry.example.com, username: u, password: p}\nproxy: {host: a.example.com, ssl: true}\n")
	env := testEnv(scope, f)
	before := env
	before.Sink = func(event.Event) {}
	if err := BootProxies(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	return env, f
}

// issue lets vm1's proxy get a certificate for a name.
func issue(t *testing.T, f *testfleet.Fleet, name string) {
	t.Helper()
	f.Engines["vm1"].WriteFile("mrsk-proxy", "acme.json", stored(t, name))
}

// received is the file with the certificates that a host received.
func received(f *testfleet.Fleet, host string) string {
	return f.Engines[host].File("mrsk-proxy", "routes/sharing.web.received.yaml")
}

// stored is what vm1's proxy keeps of a certificate for a name.
func stored(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	entry := map[string][]byte{"certificate": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), "key": []byte("the private key")}
	text, err := json.Marshal(map[string]any{"mrsk": map[string]any{"Certificates": []any{entry}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The key goes from the one host into the file of the other, and is nowhere to be seen.
func TestShareCertificates_brings_what_the_first_host_has(t *testing.T) {
	t.Parallel()
	run, f := sharing(t)
	issue(t, f, "a.example.com")
	if err := ShareCertificates(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	got := received(f, "vm2")
	if !strings.Contains(got, `"keyFile": "the private key"`) {
		t.Errorf("vm2: %s", got)
	}
	if got := received(f, "vm1"); got != "" {
		t.Errorf("vm1: %s", got)
	}
	if told := fmt.Sprintf("%+v", f.Events()); strings.Contains(told, "private key") {
		t.Errorf("the key is told: %s", told)
	}
}

func TestShareCertificates_says_what_is_missing_and_what_to_do(t *testing.T) {
	t.Parallel()
	run, f := sharing(t)
	issue(t, f, "b.example.com")
	err := ShareCertificates(t.Context(), run)
	var missing *NoCertificateError
	if !errors.As(err, &missing) || err.Error() != "vm1 has no certificate for a.example.com yet" || !strings.Contains(missing.Hint(), "mrsk proxy logs --hosts vm1") {
		t.Errorf("got %v", err)
	}
	if got := received(f, "vm2"); got != "" {
		t.Errorf("vm2: %s", got)
	}
}

// A deploy waits for the certificate that its switch has caused, and lives with it if there is none.
func TestTryToShareCertificates_waits_a_while_and_then_warns(t *testing.T) {
	t.Parallel()
	run, f := sharing(t)
	warned := func() (found []string) {
		for _, e := range f.Events() {
			if w, ok := e.(event.Warning); ok {
				found = append(found, w.Text)
			}
		}
		return found
	}
	f.On(func(e event.Event) {
		if n, ok := e.(event.Note); ok && strings.HasPrefix(n.Text, "Waiting for the certificate for a.example.com") {
			issue(t, f, "a.example.com")
		}
	})
	after := func(wait time.Duration) {
		_ = run.withLease(t.Context(), []string{"vm1", "vm2"}, noWork, func(ctx context.Context, l leased) error {
			l.tryToShareCertificates(ctx, wait)
			return nil
		})
	}
	after(20 * time.Second)
	if got := received(f, "vm2"); got == "" || warned() != nil {
		t.Errorf("vm2: %s, warnings %v", got, warned())
	}
	f.Engines["vm1"].WriteFile("mrsk-proxy", "acme.json", "{}")
	after(0)
	if got := warned(); len(got) != 1 || !strings.Contains(got[0], "has no certificate for a.example.com yet; check that") {
		t.Errorf("warnings %v", got)
	}
}

func TestPoll_checks_at_intervals_until_the_timeout(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for name, tt := range map[string]struct {
		timeout time.Duration
		doneAt  int // the check that succeeds
		err     error
		done    bool
		checks  int
		took    time.Duration
	}{
		"at once":             {time.Minute, 1, nil, true, 1, 0},
		"later":               {time.Minute, 4, nil, true, 4, 3 * time.Second},
		"never":               {5 * time.Second, 0, nil, false, 6, 5 * time.Second},
		"without a timeout":   {0, 0, nil, false, 1, 0},
		"a check that failed": {time.Minute, 0, failed, false, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, checks := time.Now(), 0
				done, err := poll(t.Context(), tt.timeout, time.Second, func() (bool, error) {
					checks++
					return checks == tt.doneAt, tt.err
				})
				if done != tt.done || !errors.Is(err, tt.err) || checks != tt.checks || time.Since(began) != tt.took {
					t.Errorf("done %t, %v, after %d checks and %s", done, err, checks, time.Since(began))
				}
			})
		})
	}
}

func TestPoll_ends_with_its_context(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lost := errors.New("lost the lock")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(90*time.Second, func() { cancel(lost) })
		began := time.Now()
		_, err := poll(ctx, time.Hour, time.Minute, func() (bool, error) { return false, nil })
		if !errors.Is(err, lost) || time.Since(began) != 90*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
