package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/observe"
	"mrsk/internal/traefik"
)

const (
	// certificateTimeout is how long a deploy waits until the proxy has a new certificate.
	certificateTimeout  = 60 * time.Second
	certificateInterval = time.Second
)

// NoCertificateError reports a host whose proxy has not obtained a certificate by ACME.
type NoCertificateError struct {
	Host  string
	Names []string // domain names without a certificate
}

func (e *NoCertificateError) Error() string {
	return fmt.Sprintf("%s has no certificate for %s yet", e.Host, strings.Join(e.Names, ", "))
}

// Hint says what to check, and how to make the proxy try again. It does not try again by itself.
func (e *NoCertificateError) Hint() string {
	return "check that DNS leads the names to the hosts, and read mrsk proxy logs --hosts " + e.Host + "; to try again, deploy or run mrsk proxy restart"
}

// ShareCertificates copies certificates to the hosts of a role from its first host, which obtains them
// by ACME.
func ShareCertificates(ctx context.Context, env Env) error {
	return env.withLease(ctx, env.Scope.ProxyHosts(), noWork, func(ctx context.Context, l leased) error {
		return l.shareCertificates(ctx, 0)
	})
}

// tryToShareCertificates shares certificates after a change that has succeeded. It warns of errors
// instead of returning them.
func (l leased) tryToShareCertificates(ctx context.Context, timeout time.Duration) {
	if err := l.shareCertificates(ctx, timeout); err != nil {
		text := err.Error()
		var hinted interface{ Hint() string }
		if errors.As(err, &hinted) && hinted.Hint() != "" {
			text += "; " + hinted.Hint()
		}
		l.Sink(event.Warning{Text: text})
	}
}

// shareCertificates waits up to timeout for certificates that are missing.
func (l leased) shareCertificates(ctx context.Context, timeout time.Duration) error {
	issued := map[string][]traefik.Certificate{}
	var errs []error
	for _, share := range deploy.Shares(l.Scope) {
		certificates, err := awaitCertificates(ctx, l.Env, share, timeout)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		issued[share.Role] = certificates
	}
	if len(issued) > 0 {
		errs = append(errs, l.installCertificates(ctx, issued))
	}
	return errors.Join(errs...)
}

func (l leased) installCertificates(ctx context.Context, issued map[string][]traefik.Certificate) error {
	seen, err := l.Observer.Facts(ctx, l.Scope.ProxyHosts(), observe.Want{})
	if err != nil {
		return err
	}
	p := deploy.ShareCertificates(deploy.State{Scope: l.Scope, Facts: seen}, issued)
	if p.Empty() {
		return nil
	}
	l.Sink(event.Section{Text: "Copy certificates to the other hosts of each role"})
	return l.walker(change{around: aroundBoot}).Walk(ctx, p)
}

// awaitCertificates returns the certificates of a role once its issuer has all of them.
func awaitCertificates(ctx context.Context, env Env, share deploy.Share, timeout time.Duration) ([]traefik.Certificate, error) {
	if !slices.Contains(env.Scope.AppHosts(), share.Issuer) {
		return nil, fmt.Errorf("the certificate of role %s comes from %s, which is not in this run", share.Role, share.Issuer)
	}
	var found []traefik.Certificate
	var missing []string
	noted := false
	done, err := poll(ctx, timeout, certificateInterval, func() (bool, error) {
		all, err := issuedOn(ctx, env, share.Issuer, true)
		if err != nil {
			return false, err
		}
		found, missing = traefik.Covering(all, share.Names)
		if len(missing) > 0 && timeout > 0 && !noted {
			noted = true
			env.Sink(event.Note{Host: share.Issuer, Text: "Waiting for the certificate for " + strings.Join(missing, ", ")})
		}
		return len(missing) == 0, nil
	})
	if err == nil && !done {
		err = &NoCertificateError{Host: share.Issuer, Names: missing}
	}
	return found, err
}

// poll calls check until it reports true or fails, or until the timeout. It calls check at least
// once, and reports whether check did.
func poll(ctx context.Context, timeout, interval time.Duration, check func() (bool, error)) (bool, error) {
	deadline := time.Now().Add(timeout)
	for {
		if done, err := check(); done || err != nil {
			return done, err
		}
		if !time.Now().Before(deadline) {
			return false, nil
		}
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

// IssuedCertificates returns the certificates that a host's proxy has obtained by ACME, for all apps of
// the host, without their private keys.
func IssuedCertificates(ctx context.Context, env Env, host string) ([]traefik.Certificate, error) {
	return issuedOn(ctx, env, host, false)
}

func issuedOn(ctx context.Context, env Env, host string, keys bool) ([]traefik.Certificate, error) {
	look := traefik.SeeIssued(env.Scope.Project.ProxyRunOn(host).ACME, keys)
	results, err := askOn(ctx, env, []string{host}, look)
	if err != nil {
		return nil, err
	}
	return traefik.ReadIssued(results[host].Stdout)
}
