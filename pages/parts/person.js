// The routes that save answers learn from this cookie who is here.

const KEPT_S = 400 * 24 * 3600

export default function ({ data }) {
  const kept = data.name ? KEPT_S : 0
  document.cookie = `${data.cookie}=${data.name}; path=/; max-age=${kept}; samesite=strict`
}
